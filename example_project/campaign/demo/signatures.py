"""Made-up signatures, so that the demo has something to count: stored as the form stores them, already confirmed."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from example_project.campaign.demo.content import Words, read_people
from example_project.campaign.demo.logos import give_logo
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import insert_or_nothing, utc_day
from wagtail_pledge.signing.addresses import mailbox_key
from wagtail_pledge.signing.enums import Approval, Display, EventKind, SignatureState
from wagtail_pledge.signing.kinds import SignerData, get_kind
from wagtail_pledge.signing.models import DirtyDay, Pledge, SignatureEvent, Statement, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.approval import find_or_make_organization
from wagtail_pledge.signing.services.signing import seat_key
from wagtail_pledge.signing.worker.tallies import refresh_tallies

CHUNK: Final = 1_000
DAYS: Final = 90
#: Every so many signatures, one of an organization.
ORGANIZATION_EVERY: Final = 20
#: And one whose name is not written in Latin letters, or not all as English does.
WHOLE_NAME_EVERY: Final = 2

DISPLAYS: Final = (Display.HIDDEN, Display.HIDDEN, Display.INITIALS, Display.NAME, Display.NAME_PLACE)


def load_signatures(pledge: Pledge, count: int) -> int:
    """Bring the number of made-up signatures on ``pledge`` up to ``count`` and recount; return how many are new.

    Number ``n`` is the same person every time, so a second run adds nobody.
    """
    writer = _Writer(pledge)
    added = sum(writer.write(range(start, min(start + CHUNK, count))) for start in range(0, count, CHUNK))
    refresh_tallies()
    return added


class _Writer:
    """Writes signatures of one pledge, a chunk a transaction."""

    def __init__(self, pledge: Pledge) -> None:
        self.pledge = pledge
        self.now = timezone.now()
        self.words = read_people()
        self.oldest_key = min(crypto.keyring("dedup"))
        current = Statement.objects.current().filter(pledge=pledge)
        self.statements = {(found.signer_type.kind, found.locale): found for found in current}

    @transaction.atomic
    def write(self, numbers: range) -> int:
        """Add those of ``numbers`` that are not there yet."""
        model: Any = get_signature_model()
        addresses = {number: self._address(number) for number in numbers}
        signers = {mailbox_key(self.pledge.uuid.bytes, a, version=self.oldest_key): n for n, a in addresses.items()}
        known = model._default_manager.filter(pledge=self.pledge, mailbox_key__in=list(signers))
        there = {bytes(key) for key in known.values_list("mailbox_key", flat=True)}
        new = [self._signature(number, key) for key, number in signers.items() if key not in there]
        model._default_manager.bulk_create(new)
        SignatureEvent.objects.bulk_create(event for signature in new for event in self._events(signature))
        for day in {utc_day(signature.confirmed_at) for signature in new}:
            insert_or_nothing(DirtyDay(pledge=self.pledge, day=day))
        for signature in new:
            give_logo(signature, self.words["named"])
        return len(new)

    def _address(self, number: int) -> str:
        return f"demo-{number:07d}@example.org"

    def _signature(self, number: int, key: bytes) -> Any:
        dice = random.Random(number)  # noqa: S311 - nothing here is a secret: number n is always the same person
        is_organization = number % ORGANIZATION_EVERY == ORGANIZATION_EVERY - 1
        kind = get_kind("organization" if is_organization else "individual")
        data = _organization(self.words, dice, number) if is_organization else _person(self.words, dice, number)
        language = dice.choice(("en", "en", "es"))
        statement = self.statements.get((kind.slug, language)) or self.statements[kind.slug, "en"]
        shown = kind.is_public_by_nature() or data.display != Display.HIDDEN
        public = {"name": data.name, "country": data.country, "display": data.display, "details": data.details}
        # The younger the day, the more signed on it
        confirmed_at = self.now - dt.timedelta(seconds=dice.triangular(0, DAYS, 0) * 24 * 3600)
        signature: Any = get_signature_model()(
            uuid=uuid.uuid4(),
            pledge=self.pledge,
            signer_type=statement.signer_type,
            statement=statement,
            kind=kind.slug,
            locale=statement.locale,
            state=SignatureState.CONFIRMED,
            approval=Approval.APPROVED if is_organization else Approval.NOT_NEEDED,
            mailbox_key=key,
            seat=seat_key(self.pledge, kind.seat_text(data, shared_mailboxes=self.pledge.shared_mailboxes)),
            name_key=name_key(self.pledge.uuid.bytes, data.name),
            email=self._address(number),
            name=data.name,
            details=dict(data.details),
            answers={},
            country=data.country,
            display=data.display,
            public_name=kind.public_name(**public) if shown else "",
            consent_sign=True,
            consent_display=shown,
            created_at=confirmed_at - dt.timedelta(minutes=dice.randint(1, 600)),
            confirmed_at=confirmed_at,
        )
        if is_organization:
            signature.organization = find_or_make_organization(signature)
        return signature

    def _events(self, signature: Any) -> Iterator[SignatureEvent]:
        kinds = [EventKind.CONFIRMED]
        if signature.approval == Approval.APPROVED:
            kinds.append(EventKind.APPROVED)
        for kind in kinds:
            yield SignatureEvent(
                pledge=self.pledge,
                signature_uuid=signature.uuid,
                kind=kind,
                statement_sha256=signature.statement.sha256,
                created_at=signature.confirmed_at,
            )


def _name(words: Words, dice: random.Random) -> str:
    return f"{dice.choice(words['first'])} {dice.choice(words['last'])}"


def _person(words: Words, dice: random.Random, number: int) -> SignerData:
    return SignerData(
        name=_name(words, dice) if number % WHOLE_NAME_EVERY else dice.choice(words["whole"]),
        email="",
        country=dice.choice(words["country"]),
        display=dice.choice(DISPLAYS),
        details={"city": dice.choice(words["city"])},
    )


def _organization(words: Words, dice: random.Random, number: int) -> SignerData:
    place = number // ORGANIZATION_EVERY
    city = dice.choice(words["city"])
    usual = f"{city} {dice.choice(words['organization'])} {place + 1}"
    # The first ones have names of their own, and logos
    named = words["named"][place : place + 1]
    details = {
        "organization": named[0]["name"] if named else usual,
        "city": named[0]["city"] if named else city,
        "role": "director",
        "authorized": True,
    }
    return SignerData(name=_name(words, dice), email="", country="US", display=Display.NAME_PLACE, details=details)
