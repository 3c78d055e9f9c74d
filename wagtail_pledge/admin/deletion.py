"""What stands in the way of deleting a row of the ledger, in words, and deleting it where nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.signing.models import Organization, Pledge, SignatureEvent, SignerType, Statement

PROTECTING_HANDLERS: Final = (models.PROTECT, models.RESTRICT)
MAX_EXAMPLES: Final = 3

#: What to do instead.
ADVICE: Final[dict[type[models.Model], Any]] = {
    Pledge: _("Close the campaign instead: set its status to “Closed”. Its signatures are kept."),
    SignerType: _("Unpublish its page instead. Then nobody can sign this way."),
    Statement: _(
        "It is kept as a record of what people signed. Publish a new text instead. It becomes the next version."
    ),
    Organization: _("Correct its name or website instead."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionBlocker:
    """``count`` rows of one model that would be left without what they stand on; ``names`` of a few of them."""

    what: str
    count: int
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = gettext("%(count)s %(what)s") % {"count": self.count, "what": self.what}
        return f"{said} ({', '.join(self.names)})" if self.names else said


def advice_for(instance: Any) -> str:
    """Return what to do instead of deleting ``instance``."""
    return str(ADVICE.get(type(instance), ""))


def _protecting_relations(model: type[models.Model]) -> Iterator[Any]:
    """The foreign keys to ``model`` that forbid its deletion, of every installed app, the site's own included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            relation.auto_created
            and not relation.concrete
            and getattr(relation, "on_delete", None) in PROTECTING_HANDLERS
        ):
            yield relation


def _is_page(model: Any) -> bool:
    return issubclass(model, get_page_model())


def _blocker(rows: models.QuerySet[Any]) -> DeletionBlocker | None:
    count = rows.count()
    if not count:
        return None
    meta = rows.model._meta
    what = str(meta.verbose_name if count == 1 else meta.verbose_name_plural)
    # Pages have names that editors know; rows of the ledger must not show what a reader may not see
    names = tuple(f"“{page}”" for page in rows[:MAX_EXAMPLES]) if _is_page(rows.model) else ()
    return DeletionBlocker(what=what, count=count, names=names)


def _related(model: type[models.Model], wanted: Any, *, besides: tuple[Any, ...] = ()) -> list[DeletionBlocker]:
    blockers = []
    for relation in _protecting_relations(model):
        if relation.related_model not in besides:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": wanted})
            blockers.append(_blocker(rows))
    return [need for need in blockers if need]


def _pledge_blockers(pledge: Pledge) -> list[DeletionBlocker]:
    """Its signer types go with it, so what needs them counts too."""
    types = SignerType.objects.filter(pledge=pledge)
    seen = tuple(relation.related_model for relation in _protecting_relations(Pledge))
    return [*_related(Pledge, [pledge], besides=(SignerType,)), *_related(SignerType, types, besides=seen)]


def _pages_showing(statement: Statement) -> list[DeletionBlocker]:
    """Pages need the text that they show now: the newest of its signer type and language."""
    texts = Statement.objects.filter(signer_type=statement.signer_type_id, locale=statement.locale)
    if texts.filter(number__gt=statement.number).exists():
        return []
    blockers = []
    for model, field in ((Pledge, "pledge"), (SignerType, "signer_type")):
        others = tuple(r.related_model for r in _protecting_relations(model) if not _is_page(r.related_model))
        blockers += _related(model, [getattr(statement, f"{field}_id")], besides=others)
    return blockers


def _statement_blockers(statement: Statement) -> list[DeletionBlocker]:
    events = SignatureEvent.objects.filter(pledge=statement.pledge_id, statement_sha256=statement.sha256)
    blockers = [*_related(Statement, [statement]), _blocker(events)]
    return [need for need in blockers if need] + _pages_showing(statement)


def deletion_blockers(instance: Any) -> list[DeletionBlocker]:
    """Return what stands in the way of deleting ``instance``; empty if nothing does."""
    if isinstance(instance, Pledge):
        return _pledge_blockers(instance)
    if isinstance(instance, Statement):
        return _statement_blockers(instance)
    return _related(type(instance), [instance])


@transaction.atomic
def delete_dependents(instance: Any) -> None:
    """Delete what belongs to ``instance`` alone: the signer types of a pledge that nobody signed."""
    if isinstance(instance, Pledge):
        SignerType.objects.filter(pledge=instance).delete()
