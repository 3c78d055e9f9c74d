"""What the confirm page offers to the owner of a mailbox: the own submission, and others for the same address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.i18n import time_in_zone
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Display, SubmissionEnd
from wagtail_pledge.signing.kinds import FieldType, SignerField, get_kind, omitted_fields
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.questions import formatted_answers
from wagtail_pledge.signing.services.confirming import confirm, end_columns, is_live, lock_mailbox, signature_of
from wagtail_pledge.signing.services.payloads import Payload, payload_of
from wagtail_pledge.signing.services.signing import all_mailbox_keys
from wagtail_pledge.signing.services.site_columns import SiteColumnsRefused

#: How many of the other submissions the page shows.
SHOWN: Final = 5
#: How many are read to find those of the typed address.
_READ: Final = 200
#: Fields that the page asks for again, or that are shown in another place.
_CHOSEN: Final = frozenset({"display", "updates", "partner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One submission on the confirm page.

    ``is_readable`` is false for one that was sent after the mail of the page's own submission had left and that no mail
    or code was used for: then only time and country may be shown.
    """

    submission: Submission
    payload: Payload
    is_readable: bool

    @property
    def id(self) -> str:
        """The value of the form field."""
        return self.submission.pk.hex

    @property
    def sent_at(self) -> str:
        """When the form was sent, with the time zone of its campaign."""
        return time_in_zone(self.submission.submitted_at, self.submission.statement.signer_type.pledge.zone)

    @property
    def country(self) -> str:
        """The country's name, ``""`` if none was entered."""
        return country_name(self.payload.data.country)

    @property
    def details(self) -> list[tuple[str, str]]:
        """What will be signed as (label, value) pairs, the choices of the confirm page left out."""
        return list(submitted_details(self.submission, self.payload)) if self.is_readable else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """The page's own submission, the newest others, how many more there are, and whether they (may) differ."""

    own: Offer
    others: list[Offer]
    more: int
    do_differ: bool

    @property
    def readable(self) -> list[Offer]:
        """The submissions that can be confirmed on this page."""
        return [self.own, *self.readable_others]

    @property
    def readable_others(self) -> list[Offer]:
        """The other submissions that can be confirmed on this page."""
        return [offer for offer in self.others if offer.is_readable]

    @property
    def do_texts_differ(self) -> bool:
        """Whether the submissions that can be confirmed here were sent for more than one text."""
        return len({offer.submission.statement_id for offer in self.readable}) > 1


def offers_for(own: Submission, now: dt.datetime) -> Offers | None:
    """Return what the link of ``own`` offers at ``now``, or ``None`` if it is not live."""
    payload = payload_of(own) if is_live(own, now) else None
    if payload is None:
        return None
    rows = _rows_of_mailbox(own, payload)
    others, mine = list(_others(own, payload, rows[:_READ], now)), _what_is_signed(own, payload)
    # Forms that were not read may differ: a stranger may have sent many, to hide the owner's own
    do_differ = len(rows) > _READ or any(_what_is_signed(one.submission, one.payload) != mine for one in others)
    return Offers(
        own=Offer(submission=own, payload=payload, is_readable=True),
        others=others[:SHOWN],
        more=len(others) - len(others[:SHOWN]),
        do_differ=do_differ,
    )


def _what_is_signed(submission: Submission, payload: Payload) -> tuple[int, Payload]:
    """Return what two submissions differ in for their signer: the text, and every value of the form."""
    return submission.statement_id, replace(payload, source="", locale="")


def _others_query(*, submission: UUID, pledge: int, kind: str, key: bytes) -> Any:
    rows = Submission.objects.open().of_mailbox(pledge, [key]).filter(kind=kind).exclude(pk=submission)
    return rows.select_related("statement__signer_type__pledge").order_by("-created_at", "-pk")[: _READ + 1]


_FIND_OTHERS: Final = PreparedQuery(
    _others_query, {"submission": UUID(int=1), "pledge": 2_147_483_001, "kind": "a sample", "key": b"\x01" * 32}
)


def _rows_of_mailbox(own: Submission, payload: Payload) -> list[Submission]:
    """Return the other open submissions of the mailbox, the newest first; more than ``_READ`` if there are more."""
    same: dict[str, Any] = {"submission": own.pk, "pledge": own.pledge_id, "kind": own.kind}
    rows: list[Submission] = []
    for key in all_mailbox_keys(own.statement.signer_type.pledge, payload.address):
        rows += _FIND_OTHERS.rows(**same, key=key)
    # One list for each version of the key
    return sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)


def _others(own: Submission, payload: Payload, rows: Sequence[Submission], now: dt.datetime) -> Iterator[Offer]:
    """Yield those of ``rows`` that name the address as ``own`` does."""
    for row in rows:
        try:
            other = payload_of(row)
        except PledgeError:
            continue
        if other is not None and other.address == payload.address and is_live(row, now):
            is_earlier = own.mailed_at is not None and row.created_at <= own.mailed_at
            yield Offer(submission=row, payload=other, is_readable=is_earlier or row.used_at is not None)


def mark_used(submission: Submission) -> None:
    """Record that a mail or code about ``submission`` reached its reader."""
    if submission.used_at is None:
        Submission.objects.filter(pk=submission.pk, used_at__isnull=True).update(used_at=Now())


def end_unsent(offers: Offers, ids: Collection[str]) -> int:
    """End those of the offered submissions whose owner says "I did not send these"; return how many ended."""
    offered = {offer.id: offer.submission.pk for offer in (offers.own, *offers.others)}
    chosen: list[UUID] = [offered[one] for one in ids if one in offered]
    with transaction.atomic():
        lock_mailbox(offers.own.submission.statement.signer_type.pledge, offers.own.payload.address)
        return int(Submission.objects.open().filter(pk__in=chosen).update(**end_columns(SubmissionEnd.NOT_ME)))


def chosen_offer(offers: Offers, chosen: str) -> Offer | None:
    """Return the offer with the id ``chosen``; with ``""`` the own one, unless the submissions differ."""
    if not chosen:
        return None if offers.do_differ and len(offers.readable) > 1 else offers.own
    return next((offer for offer in offers.readable if offer.id == chosen), None)


def confirm_unless_several(submission: Submission, now: dt.datetime) -> Any | None:
    """Confirm the form as it was sent, for its owner who typed the code; return the signature.

    Returns ``None``, and confirms nothing, if its owner has to look first: another form waits for the same address, the
    form has a consent that only the confirm page asks for, or the form cannot be confirmed.
    """
    if submission.signature_uuid is not None:
        return signature_of(submission)
    offers = offers_for(submission, now)
    if offers is None or offers.others or offers.do_differ or asks_for_partner(submission):
        return None
    try:
        done = confirm(submission)
    except SiteColumnsRefused:
        return None
    if done is None:
        return None
    if not done.is_new:
        # A second press may have confirmed this form meanwhile; otherwise the mailbox had signed before
        submission.refresh_from_db(fields=["signature_uuid"])
    return done.signature if done.is_new or submission.signature_uuid == done.signature.uuid else None


def display_choices(submission: Submission) -> list[tuple[str, Any]]:
    """Return the (value, label) pairs of how the name may appear, ``[]`` if the form did not ask."""
    field = _asked(submission, "display")
    return list(field.choices) if field is not None else []


def asks_for_updates(submission: Submission) -> bool:
    """Whether the form had the consent to updates."""
    return _asked(submission, "updates") is not None


def asks_for_partner(submission: Submission) -> bool:
    """Whether the form had the consent to be shared with a partner."""
    return _asked(submission, "partner") is not None


def least_display(submission: Submission) -> str:
    """Return the choice of display that shows least."""
    order = [str(one) for one in (Display.HIDDEN, Display.INITIALS, Display.NAME, Display.NAME_PLACE)]
    values = [str(value) for value, _label in display_choices(submission)]
    return next((one for one in order if one in values), Display.HIDDEN)


def _asked(submission: Submission, name: str) -> SignerField | None:
    kind = get_kind(submission.kind)
    omitted = omitted_fields(kind, submission.statement.optional_fields)
    return next((field for field in kind.fields if field.name == name and name not in omitted), None)


def submitted_details(submission: Submission, payload: Payload) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of every value of a form, in its order."""
    data, kind = payload.data, get_kind(submission.kind)
    values = {**data.details, "name": data.name, "email": payload.address, "country": data.country}
    if not kind.fields:
        # The kind is no longer registered
        yield from ((name, str(value)) for name, value in values.items() if value not in (None, "", False))
    for field in kind.fields:
        if field.name not in _CHOSEN and values.get(field.name) not in (None, "", False):
            label = submission.statement.consent.get(field.consent) or _short_label(field)
            yield str(label), _text(field, values[field.name])
    yield from formatted_answers(submission.statement.questions, data.answers)


def _short_label(field: SignerField) -> Any:
    """Return the label without "optional", which means nothing beside an answer."""
    return field.switch.label if field.switch is not None else field.label


def _text(field: SignerField, value: Any) -> str:
    if field.type == FieldType.AGREEMENT:
        return _("Yes")
    if field.type == FieldType.COUNTRY:
        return country_name(value) or str(value)
    return str(dict(field.choices).get(value, value))
