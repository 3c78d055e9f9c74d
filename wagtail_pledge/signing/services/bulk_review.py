"""Bulk review after an abuse attack: list held signatures, release or invalidate them by a rule, undo within 30 days.

Every call works in chunks with one transaction each, which bounds memory and locks; an interrupted call can be
repeated and processes the remaining signatures. The caller checks permissions.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.db import from_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.abuse.lookalikes import mail_domain
from wagtail_pledge.signing.enums import EventKind, Review, SignatureState
from wagtail_pledge.signing.models import DirtyDay, Pledge, SignatureEvent, get_signature_model
from wagtail_pledge.signing.names import fold_name
from wagtail_pledge.signing.services.approval import queue_approval_mails
from wagtail_pledge.signing.services.lifecycle import public_name_of
from wagtail_pledge.signing.services.logos import hide_logo, kind_has_logos

CHUNK: Final = 1_000
#: More signatures than this need a second user's agreement.
MAX_WITHOUT_SECOND_PERSON: Final = 500
RESTORE_DAYS: Final = 30
MAX_REASON: Final = 200
_REVIEW_EVENTS: Final = (EventKind.HELD, EventKind.RELEASED, EventKind.INVALIDATED)


class EmptyRule(PledgeError):
    """The rule has no condition, so it would match every signature."""

    def __init__(self) -> None:
        super().__init__("empty_rule", str(_("Set at least one condition.")))


class SecondPersonNeeded(PledgeError):
    """The rule matches so many signatures that another user has to agree; ``count`` is how many."""

    def __init__(self, count: int) -> None:
        message = _("One person cannot change %(count)d signatures. A second person must agree.")
        super().__init__("second_person", str(message) % {"count": count})
        self.count = count


class NothingToRestore(PledgeError):
    """The batch is unknown, or older than 30 days."""

    def __init__(self) -> None:
        super().__init__("nothing_to_restore", str(_("No such batch was found in the last 30 days.")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRule:
    """Conditions that select signatures of a pledge; a signature has to meet all that are set.

    ``signed_from`` (inclusive) and ``signed_until`` (exclusive) are aware datetimes; ``held_for`` are abuse codes
    such as ``network_hour``; ``domain`` is the whole mail domain; ``local_prefix`` is the beginning of the part before
    the ``@``; ``name_part`` is a part of the name, compared without case and diacritics.
    """

    signed_from: dt.datetime | None = None
    signed_until: dt.datetime | None = None
    review: str = ""
    held_for: tuple[str, ...] = ()
    country: str = ""
    kind: str = ""
    domain: str = ""
    local_prefix: str = ""
    name_part: str = ""

    @property
    def needs_decryption(self) -> bool:
        """Whether a condition is on an encrypted column, which the database cannot filter by."""
        return bool(self.domain or self.local_prefix or self.name_part)

    def matches(self, signature: Any) -> bool:
        """Whether the encrypted values of ``signature`` meet the conditions on them."""
        local = signature.email.strip().rpartition("@")[0].casefold()
        return (
            (not self.domain or mail_domain(signature.email) == mail_domain(self.domain))
            and local.startswith(self.local_prefix.casefold())
            and (not self.name_part or fold_name(self.name_part) in fold_name(signature.name))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePreview:
    """How many signatures a rule matches, in total, by ISO country code (``""``: unknown) and by kind slug."""

    count: int
    by_country: dict[str, int]
    by_kind: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidationBatch:
    """Result of :func:`invalidate`: ``name`` is what :func:`restore` takes, ``count`` how many signatures changed."""

    name: str
    count: int


def _signatures(pledge: Pledge) -> Any:
    rows: Any = get_signature_model()._default_manager
    return rows.filter(pledge=pledge).exclude(state=SignatureState.ANONYMISED)


def _events(*kinds: EventKind) -> Any:
    return SignatureEvent.objects.filter(
        pledge_id=OuterRef("pledge_id"), signature_uuid=OuterRef("uuid"), kind__in=kinds
    )


def held(pledge: Pledge) -> Any:
    """Return a queryset of the signatures of ``pledge`` that need review, newest first.

    Each has ``held_for``, the abuse codes of the latest "held" event, or ``None`` if the worker has not screened it
    yet.
    """
    reason = _events(EventKind.HELD).order_by("-pk").values("reason")[:1]
    return _signatures(pledge).filter(review=Review.NEEDS_REVIEW).annotate(held_for=Subquery(reason)).order_by("-pk")


def candidates(pledge: Pledge, rule: ReviewRule) -> Any:
    """Return a queryset of the signatures that meet the conditions on unencrypted columns.

    Raises :class:`EmptyRule`.
    """
    if rule == ReviewRule():
        raise EmptyRule
    conditions = {
        "created_at__gte": rule.signed_from,
        "created_at__lt": rule.signed_until,
        "review": rule.review,
        "country": rule.country,
        "kind": rule.kind,
    }
    rows = _signatures(pledge).filter(**{column: value for column, value in conditions.items() if value})
    return rows.filter(Exists(_events(EventKind.HELD).filter(reason__in=rule.held_for))) if rule.held_for else rows


def matching(pledge: Pledge, rule: ReviewRule, *, reviews: tuple[str, ...] = ()) -> Iterator[list[Any]]:
    """Yield the signatures that ``rule`` matches in lists of at most 1,000, oldest first; ``reviews`` restricts them to
    these review statuses. Raises :class:`EmptyRule`.
    """
    rows, last = candidates(pledge, rule).select_related("statement", "pledge").order_by("pk"), None
    rows = rows.filter(review__in=reviews) if reviews else rows
    while chunk := list((rows if last is None else rows.filter(pk__gt=last))[:CHUNK]):
        last = chunk[-1].pk
        if fitting := [signature for signature in chunk if not rule.needs_decryption or rule.matches(signature)]:
            yield fitting


def preview(pledge: Pledge, rule: ReviewRule, *, reviews: tuple[str, ...] = ()) -> RulePreview:
    """Return how many signatures ``rule`` matches; changes nothing. Raises :class:`EmptyRule`."""
    by_country: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for chunk in matching(pledge, rule, reviews=reviews):
        by_country.update(signature.country for signature in chunk)
        by_kind.update(signature.kind for signature in chunk)
    return RulePreview(count=by_kind.total(), by_country=dict(by_country), by_kind=dict(by_kind))


def _change(pks: list[int], before: str, after: str) -> list[Any]:
    """Set the review of those signatures that still have ``before`` to ``after``, and return them as changed.

    Call it in a transaction.
    """
    rows: Any = get_signature_model()._default_manager
    unchanged = rows.filter(pk__in=pks, review=before).exclude(state=SignatureState.ANONYMISED)
    locked = list(unchanged.select_for_update(of=("self",)).select_related("statement", "pledge").order_by("pk"))
    unchanged.filter(pk__in=[signature.pk for signature in locked]).update(review=after, public_name="")
    for signature in locked:
        signature.review = after
        signature.public_name = public_name_of(signature) if signature.is_counted else ""
        if after != Review.OK and kind_has_logos(signature.kind):
            hide_logo(signature)
    rows.bulk_update([signature for signature in locked if signature.public_name], ["public_name"], batch_size=200)
    if after == Review.OK:
        queue_approval_mails([signature for signature in locked if signature.is_counted])
    days = {(s.pledge_id, s.pledge.local_day(s.confirmed_at)) for s in locked if s.confirmed_at}
    DirtyDay.objects.bulk_create(DirtyDay(pledge_id=pledge_id, day=day) for pledge_id, day in sorted(days))
    return locked


def _record(signatures: list[Any], kind: EventKind, actor: Any, reason: str) -> int:
    SignatureEvent.objects.bulk_create(
        SignatureEvent(
            pledge_id=signature.pledge_id,
            signature_uuid=signature.uuid,
            epoch=signature.epoch,
            kind=kind,
            statement_sha256=signature.statement.sha256,
            actor=actor,
            reason=reason,
        ).seal_leaf()
        for signature in signatures
    )
    return len(signatures)


def _require_second_person(count: int, actor: Any, approved_by: Any) -> None:
    alone = actor is None or approved_by is None or actor.pk == approved_by.pk
    if count > MAX_WITHOUT_SECOND_PERSON and alone:
        raise SecondPersonNeeded(count)


def invalidate(
    pledge: Pledge, rule: ReviewRule, *, actor: Any, reason: str, approved_by: Any = None
) -> InvalidationBatch:
    """Mark the signatures that ``rule`` matches as invalid, so that they are neither counted nor shown.

    Applies to signatures whose review is OK or "needs review".
    Raises :class:`EmptyRule`, and :class:`SecondPersonNeeded` for more than 500 signatures unless ``approved_by`` is
    a different user from ``actor``.
    """
    reviews = (Review.OK, Review.NEEDS_REVIEW)
    _require_second_person(preview(pledge, rule, reviews=reviews).count, actor, approved_by)
    name, count = secrets.token_hex(6), 0
    for chunk in matching(pledge, rule, reviews=reviews):
        for before in reviews:
            # One transaction each: signatures are locked in the order of their keys within one
            with transaction.atomic():
                changed = _change([signature.pk for signature in chunk], before, Review.INVALID)
                text = f"{name} {before}: {reason[:MAX_REASON]}"
                count += _record(changed, EventKind.INVALIDATED, actor, text)
    return InvalidationBatch(name=name, count=count)


def release(pledge: Pledge, rule: ReviewRule, *, actor: Any, reason: str = "", approved_by: Any = None) -> int:
    """Set the review of the held signatures that ``rule`` matches to OK; return how many changed.

    They are then counted, and shown publicly if their signers agreed to that. Raises the same errors as
    :func:`invalidate`.
    """
    _require_second_person(preview(pledge, rule, reviews=(Review.NEEDS_REVIEW,)).count, actor, approved_by)
    count = 0
    for chunk in matching(pledge, rule, reviews=(Review.NEEDS_REVIEW,)):
        with transaction.atomic():
            changed = _change([signature.pk for signature in chunk], Review.NEEDS_REVIEW, Review.OK)
            count += _record(changed, EventKind.RELEASED, actor, reason[:MAX_REASON])
    return count


def restore(pledge: Pledge, batch: str, *, actor: Any) -> int:
    """Undo :func:`invalidate`: give the signatures of ``batch`` their earlier review back; return how many changed.

    Signatures that were reviewed again since are skipped, so a second call changes nothing.
    Raises :class:`NothingToRestore` if the batch is unknown or older than 30 days.
    """
    recent = SignatureEvent.objects.filter(
        pledge=pledge, kind=EventKind.INVALIDATED, created_at__gt=from_now(-dt.timedelta(days=RESTORE_DAYS))
    )
    if not batch.isalnum() or not recent.filter(reason__startswith=f"{batch} ").exists():
        raise NothingToRestore
    back = ((Review.OK, EventKind.RELEASED), (Review.NEEDS_REVIEW, EventKind.HELD))
    return sum(
        _restore(pledge, recent.filter(reason__startswith=f"{batch} {review}:"), review, kind, batch, actor)
        for review, kind in back
    )


def _restore(pledge: Pledge, events: Any, review: Review, kind: EventKind, batch: str, actor: Any) -> int:
    later = SignatureEvent.objects.filter(
        pledge_id=OuterRef("pledge_id"),
        signature_uuid=OuterRef("signature_uuid"),
        kind__in=_REVIEW_EVENTS,
        pk__gt=OuterRef("pk"),
    )
    count, last = 0, 0
    while chunk := list(
        events.filter(~Exists(later), pk__gt=last).order_by("pk").values_list("pk", "signature_uuid")[:CHUNK]
    ):
        last = chunk[-1][0]
        signatures = _signatures(pledge).filter(uuid__in=[uuid for _pk, uuid in chunk])
        with transaction.atomic():
            changed = _change(list(signatures.values_list("pk", flat=True)), Review.INVALID, review)
            count += _record(changed, kind, actor, f"restored {batch}")
    return count
