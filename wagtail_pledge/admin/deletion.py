"""Finds what prevents the deletion of a row of the ledger, and deletes the rows that only it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.core.db import database_now
from wagtail_pledge.delivery.models import Recipient
from wagtail_pledge.signing.models import (
    Organization,
    Pledge,
    SignatureEvent,
    SignerType,
    Statement,
    Submission,
    get_signature_model,
)
from wagtail_pledge.signing.services.pledges import can_be_deleted_whole

PROTECTING_HANDLERS: Final = (models.PROTECT, models.RESTRICT)
MAX_EXAMPLES: Final = 3
#: Foreign keys that submissions have too.
_SUBMITTED: Final = frozenset({"pledge", "signer_type", "statement"})

#: What the delete view suggests instead.
ADVICE: Final[dict[type[models.Model], Any]] = {
    Pledge: _(
        "Close the campaign instead: set its status to “Closed”. Its signatures are kept. A closed campaign can be "
        "archived, and is then no longer listed. One that nobody has signed can be deleted with its pages a minute "
        "later."
    ),
    SignerType: _("Unpublish its page instead. Then nobody can sign this way."),
    Statement: _(
        "It is kept as a record of what people signed. Publish a new text instead. It becomes the next version."
    ),
    Organization: _("Correct its name or website instead."),
    Recipient: _("First take it out of the campaigns and the stages that name it."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionBlocker:
    """Rows of one model that refer to the row to delete: how many (``count``), and the ``names`` of a few."""

    what: str
    count: int
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = gettext("%(count)s %(what)s") % {"count": self.count, "what": self.what}
        return f"{text} ({', '.join(self.names)})" if self.names else text


def advice_for(instance: Any) -> str:
    """Return what to do instead of deleting ``instance``."""
    return str(ADVICE.get(type(instance), ""))


def _protecting_relations(model: type[models.Model]) -> Iterator[Any]:
    """Yield the foreign keys to ``model`` with a protecting ``on_delete``, of every app, the site's own included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            relation.auto_created
            and not relation.concrete
            and getattr(relation, "on_delete", None) in PROTECTING_HANDLERS
        ):
            yield relation


def _is_page(model: Any) -> bool:
    return issubclass(model, get_page_model())


def _blocker(rows: models.QuerySet[Any], extra: int = 0) -> DeletionBlocker | None:
    count = rows.count() + extra
    if not count:
        return None
    meta = rows.model._meta
    what = str(meta.verbose_name if count == 1 else meta.verbose_name_plural)
    # Only pages are named: the user may not be allowed to see other rows
    names = tuple(f"“{page}”" for page in rows[:MAX_EXAMPLES]) if _is_page(rows.model) else ()
    return DeletionBlocker(what=what, count=count, names=names)


def _related(model: type[models.Model], targets: Any, *, exclude: tuple[Any, ...] = ()) -> list[DeletionBlocker]:
    blockers = []
    for relation in _protecting_relations(model):
        if relation.related_model not in exclude:
            lookup = {f"{relation.field.name}__in": targets}
            # Forms that can still be confirmed count as signatures
            is_ledger = relation.related_model is get_signature_model() and relation.field.name in _SUBMITTED
            waiting = Submission.objects.open().filter(**lookup).count() if is_ledger else 0
            blockers.append(_blocker(relation.related_model._base_manager.filter(**lookup), waiting))
    return [blocker for blocker in blockers if blocker]


def _pledge_blockers(pledge: Pledge) -> list[DeletionBlocker]:
    """A pledge is deleted together with its signer types, so their blockers count too.

    If nobody has signed it and it is no longer open, its pages and statements are deleted with it as well.
    """
    if can_be_deleted_whole(pledge, database_now()):
        return _related(Pledge, [pledge], exclude=(SignerType, Statement, *_page_models(Pledge)))
    types = SignerType.objects.filter(pledge=pledge)
    counted = tuple(relation.related_model for relation in _protecting_relations(Pledge))
    return [*_related(Pledge, [pledge], exclude=(SignerType,)), *_related(SignerType, types, exclude=counted)]


def _pages_showing(statement: Statement) -> list[DeletionBlocker]:
    """Pages show the newest statement of their signer type and language, and need it."""
    versions = Statement.objects.filter(signer_type=statement.signer_type_id, locale=statement.locale)
    if versions.filter(number__gt=statement.number).exists():
        return []
    blockers = []
    for model, field in ((Pledge, "pledge"), (SignerType, "signer_type")):
        others = tuple(r.related_model for r in _protecting_relations(model) if not _is_page(r.related_model))
        blockers += _related(model, [getattr(statement, f"{field}_id")], exclude=others)
    return blockers


def _statement_blockers(statement: Statement) -> list[DeletionBlocker]:
    events = SignatureEvent.objects.filter(pledge=statement.pledge_id, statement_sha256=statement.sha256)
    blockers = [*_related(Statement, [statement]), _blocker(events)]
    return [blocker for blocker in blockers if blocker] + _pages_showing(statement)


def deletion_blockers(instance: Any) -> list[DeletionBlocker]:
    """Return what prevents the deletion of ``instance``; empty if it can be deleted."""
    if isinstance(instance, Pledge):
        return _pledge_blockers(instance)
    if isinstance(instance, Statement):
        return _statement_blockers(instance)
    return _related(type(instance), [instance])


def _page_models(model: type[models.Model]) -> tuple[Any, ...]:
    related = (relation.related_model for relation in _protecting_relations(model))
    return tuple(page_model for page_model in related if _is_page(page_model))


def pages_of(pledge: Pledge) -> list[Any]:
    """Return the pages that are deleted together with ``pledge``: its own and those of its ways to sign."""
    lookups: dict[type[models.Model], Any] = {Pledge: [pledge], SignerType: SignerType.objects.filter(pledge=pledge)}
    pages = []
    for model, targets in lookups.items():
        for relation in _protecting_relations(model):
            if _is_page(relation.related_model):
                rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": targets})
                pages += rows.order_by("path")
    return pages


def pages_kept_from(user: Any, pledge: Pledge) -> list[DeletionBlocker]:
    """Return the pages of ``pledge`` that ``user`` may not delete, and that prevent its deletion."""
    kept = [page.pk for page in pages_of(pledge) if not page.permissions_for_user(user).can_delete()]
    blocker = _blocker(get_page_model().objects.filter(pk__in=kept))
    return [blocker] if blocker else []


def dependents(instance: Any) -> list[DeletionBlocker]:
    """Return what is deleted together with ``instance``: of a pledge, its pages with all below them, and its texts."""
    if not isinstance(instance, Pledge):
        return []
    own = pages_of(instance)
    below = Q(pk__in=[page.pk for page in own])
    for page in own:
        below |= Q(path__startswith=page.path)
    found = [
        _blocker(get_page_model().objects.filter(below).order_by("path")),
        _blocker(SignerType.objects.filter(pledge=instance)),
        _blocker(Statement.objects.filter(pledge=instance)),
    ]
    return [each for each in found if each]


@transaction.atomic
def delete_dependents(instance: Any, *, actor: Any = None) -> None:
    """Delete the rows that only ``instance`` needs: the pages, statements and signer types of a pledge.

    Raises ``ProtectedError`` if somebody has signed the pledge or could meanwhile.
    """
    if not isinstance(instance, Pledge):
        return
    # The lock keeps it from being opened until it is gone
    locked = Pledge.objects.select_for_update(no_key=True).get(pk=instance.pk)
    if not can_be_deleted_whole(locked, database_now()):
        message = "The pledge has been signed, or could be signed a moment ago"
        raise models.ProtectedError(message, {instance})
    for page in pages_of(instance):
        # One below another went with it
        stored = get_page_model().objects.filter(pk=page.pk).first()
        if stored is not None:
            stored.delete(user=actor)
    Statement.objects.filter(pledge=instance).delete()
    SignerType.objects.filter(pledge=instance).delete()
