"""What the blocks share: the choice of a pledge, the pledge that is meant, words for an empty block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise, cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.caching.local import memoize_per_request, use_request_cache
from wagtail_pledge.core.registry import pledge_url, providers
from wagtail_pledge.core.streamfield import current_edit
from wagtail_pledge.signing.models import Pledge


def published_url(page: Any | None) -> str:
    """Return the address of ``page``; ``""`` for none, and for one that is not published or stands in no site.

    A page behind a login or a password keeps its link, as in running text: it asks for them itself.
    """
    return (page.live and page.url) or "" if page else ""


def translate_lazy(value: Any) -> Any:
    """Return ``value`` with each lazy text in it said in the active language, dictionaries and lists looked through."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: translate_lazy(part) for key, part in value.items()}
    if isinstance(value, list):
        return [translate_lazy(part) for part in value]
    return value


class TranslatedPreviewMixin:
    """Mixin of blocks with a ``preview_value`` in ``class Meta`` whose texts are lazy."""

    meta: Any

    def get_preview_value(self) -> Any:
        """Return the sample in the editor's language."""
        block: Any = super()
        if not hasattr(self.meta, "preview_value"):
            return block.get_preview_value()
        return block.normalize(translate_lazy(self.meta.preview_value))


#: Stands for a choice of somebody else's in the form of who may not see its pledge.
HIDDEN_PLEDGE: Final = _("A campaign that you cannot see or that was deleted")


def choosable_pledges(user: Any | None) -> QuerySet[Pledge]:
    """Return the pledges that ``user`` may choose; where nobody is known, those that everybody may see."""
    provider = providers.choosable_pledges
    offered = provider(user) if provider and user is not None else Pledge.objects.public()
    return offered.order_by("title", "pk")


def pledge_choices() -> list[tuple[str, Any]]:
    """Return what whoever edits may choose: the page's own, theirs, and unnamed what somebody else has chosen."""
    now = current_edit()
    offered = {str(pledge.uuid): str(pledge) for pledge in choosable_pledges(now.user)}
    kept = dict.fromkeys(uuid for uuid in chosen_pledges(now.block, now.stored) if uuid not in offered)
    others = [(uuid, HIDDEN_PLEDGE) for uuid in kept]
    return [("", _("This page’s campaign")), *offered.items(), *others]


def chosen_pledges(block: Any, value: Any) -> Iterator[str]:
    """Yield the UUIDs that are chosen anywhere in ``value``, which belongs to ``block``."""
    if isinstance(block, PledgeChoiceBlock):
        yield from [str(value)] if value else []
        return
    for child_block, child in _children(block, value) if value else []:
        yield from chosen_pledges(child_block, child)


def _children(block: Any, value: Any) -> list[tuple[Any, Any]]:
    if isinstance(block, blocks.BaseStreamBlock):
        return [(child.block, child.value) for child in value]
    if isinstance(block, blocks.BaseStructBlock):
        return [(child_block, value.get(name)) for name, child_block in block.child_blocks.items()]
    return [(block.child_block, child) for child in value] if isinstance(block, blocks.ListBlock) else []


class PledgeChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """Chooses a pledge; the value is its UUID as text, or ``""`` for the pledge of the page."""

    @cached_property
    def field(self) -> forms.ChoiceField:
        """The form field: a select over :func:`pledge_choices`, which are those of whoever edits."""
        return forms.ChoiceField(
            choices=pledge_choices,
            required=False,
            help_text=_("Choose one only to show a different campaign from this page’s."),
        )

    class Meta:
        icon = "pick"
        label = _("Campaign")
        default = ""


def find_pledge(uuid: str) -> Pledge | None:
    """Return the pledge with this UUID and the database's time in ``db_now``, or ``None`` if it is gone or the text is
    no UUID; one query.
    """
    try:
        wanted = UUID(uuid)
    except ValueError:
        return None
    return memoize_per_request(("pledge", wanted), Pledge.objects.annotate(db_now=Now()).filter(uuid=wanted).first)


class RequestCacheMixin:
    """Mixin of blocks that read treaties or pledges: each is read once for a request, on any page of a site."""

    def render(self, value: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Render the block with what was read for this request before."""
        block: Any = super()
        with use_request_cache(context.get("request") if context else None):
            return block.render(value, context=context)


class BlockWithSettings(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """Base of blocks whose form keeps what is rarely changed behind one click."""

    #: Names of child blocks that wait there; whatever a subclass adds stays in sight.
    settings_fields: ClassVar[tuple[str, ...]] = ()

    def get_form_layout(self) -> blocks.BlockGroup:
        """Return ``Meta.form_layout``, else all children in their order and the folded ones as settings."""
        if self.meta.form_layout is not None:
            return super().get_form_layout()
        in_sight = [name for name in self.child_blocks if name not in self.settings_fields]
        return blocks.BlockGroup(
            in_sight, settings=[name for name in self.child_blocks if name in self.settings_fields]
        )


class PledgeBlock(RequestCacheMixin, BlockWithSettings):
    """Base of blocks that show a pledge: the one an editor chose, else the one of the page."""

    pledge = PledgeChoiceBlock()

    settings_fields = ("pledge",)

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``pledge`` (or ``None``), ``is_own`` (it is the page's) and, if it is another's, its ``pledge_url``."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        own, chosen = context.get("pledge"), value.get("pledge") or ""
        is_own = own is not None and chosen in {"", str(own.uuid)}
        pledge = own if is_own else find_pledge(chosen)
        url = pledge_url(pledge, get_language() or "") if pledge and not is_own else ""
        return {**context, "pledge": pledge, "is_own": is_own, "pledge_url": url}
