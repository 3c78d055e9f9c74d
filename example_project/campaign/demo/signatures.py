"""Generates confirmed signatures for the demo, stored as the form stores them."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from example_project.campaign.demo.content import SampleSigners, read_sample_signers
from example_project.campaign.demo.logos import add_logo
from wagtail_pledge.core import crypto
from wagtail_pledge.signing.addresses import mailbox_key
from wagtail_pledge.signing.enums import Approval, Display, EventKind, SignatureState
from wagtail_pledge.signing.kinds import SignerData, get_kind
from wagtail_pledge.signing.models import DirtyDay, Pledge, SignatureEvent, Statement, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.approval import find_or_make_organization
from wagtail_pledge.signing.services.signing import seat_key
from wagtail_pledge.signing.worker.tallies import refresh_tallies

BATCH_SIZE: Final = 1_000
DAYS: Final = 90
#: Every 20th signature is by an organization.
ORGANIZATION_EVERY: Final = 20
#: Every second name is a full name from a list that includes other scripts than Latin.
FULL_NAME_EVERY: Final = 2

DISPLAYS: Final = (Display.HIDDEN, Display.HIDDEN, Display.INITIALS, Display.NAME, Display.NAME_PLACE)


def load_signatures(pledge: Pledge, count: int) -> int:
    """Generate signatures for ``pledge`` until there are ``count``, recount, and return how many were added.

    Signature ``n`` is always of the same person, so a second run adds none.
    """
    writer = _Writer(pledge)
    added = sum(writer.write(range(start, min(start + BATCH_SIZE, count))) for start in range(0, count, BATCH_SIZE))
    refresh_tallies()
    return added


class _Writer:
    """Writes signatures for one pledge, one batch per transaction."""

    def __init__(self, pledge: Pledge) -> None:
        self.pledge = pledge
        self.now = timezone.now()
        self.samples = read_sample_signers()
        self.oldest_key = min(crypto.keyring("dedup"))
        current = Statement.objects.current().filter(pledge=pledge)
        self.statements = {(found.signer_type.kind, found.locale): found for found in current}

    @transaction.atomic
    def write(self, numbers: range) -> int:
        """Add the signatures with these numbers that do not exist yet, and return how many were added."""
        model: Any = get_signature_model()
        addresses = {number: self._address(number) for number in numbers}
        signers = {mailbox_key(self.pledge.uuid.bytes, a, version=self.oldest_key): n for n, a in addresses.items()}
        known = model._default_manager.filter(pledge=self.pledge, mailbox_key__in=list(signers))
        existing = {bytes(key) for key in known.values_list("mailbox_key", flat=True)}
        new = [self._signature(number, key) for key, number in signers.items() if key not in existing]
        model._default_manager.bulk_create(new)
        SignatureEvent.objects.bulk_create(event for signature in new for event in self._events(signature))
        days = {self.pledge.local_day(signature.confirmed_at) for signature in new}
        DirtyDay.objects.bulk_create(DirtyDay(pledge=self.pledge, day=day) for day in days)
        for signature in new:
            add_logo(signature, self.samples["organizations"])
        return len(new)

    def _address(self, number: int) -> str:
        return f"demo-{number:07d}@example.org"

    def _signature(self, number: int, key: bytes) -> Any:
        rng = random.Random(number)  # noqa: S311 - seeded on purpose: signature n is always of the same person
        is_organization = number % ORGANIZATION_EVERY == ORGANIZATION_EVERY - 1
        kind = get_kind("organization" if is_organization else "individual")
        data = _organization(self.samples, rng, number) if is_organization else _person(self.samples, rng, number)
        language = rng.choice(("en", "en", "es"))
        statement = self.statements.get((kind.slug, language)) or self.statements[kind.slug, "en"]
        shown = kind.is_always_public() or data.display != Display.HIDDEN
        public = {"name": data.name, "country": data.country, "display": data.display, "details": data.details}
        # More signatures on recent days
        confirmed_at = self.now - dt.timedelta(seconds=rng.triangular(0, DAYS, 0) * 24 * 3600)
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
            created_at=confirmed_at - dt.timedelta(minutes=rng.randint(1, 600)),
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
            ).seal_leaf()


def _name(samples: SampleSigners, rng: random.Random) -> str:
    return f"{rng.choice(samples['first_name'])} {rng.choice(samples['last_name'])}"


def _person(samples: SampleSigners, rng: random.Random, number: int) -> SignerData:
    return SignerData(
        name=_name(samples, rng) if number % FULL_NAME_EVERY else rng.choice(samples["full_name"]),
        email="",
        country=rng.choice(samples["country"]),
        display=rng.choice(DISPLAYS),
        details={"city": rng.choice(samples["city"])},
    )


def _organization(samples: SampleSigners, rng: random.Random, number: int) -> SignerData:
    index = number // ORGANIZATION_EVERY
    cities, types = samples["city"], samples["organization_type"]
    # Each pair of a city and a type once, before a name repeats with a number
    lap, place = divmod(index, len(cities) * len(types))
    city, type_of = cities[place % len(cities)], types[(place + place // len(cities)) % len(types)]
    name = f"{city} {type_of} {lap + 1}" if lap else f"{city} {type_of}"
    # The first ones are the organizations that have a logo
    if index < len(samples["organizations"]):
        name, city = samples["organizations"][index]["name"], samples["organizations"][index]["city"]
    details = {"organization": name, "city": city, "role": "director", "authorized": True}
    return SignerData(name=_name(samples, rng), email="", country="US", display=Display.NAME_PLACE, details=details)
