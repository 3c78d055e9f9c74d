"""Base classes of the blocks: choosing a pledge, settings in the form, translated previews."""

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
from wagtail_pledge.signing.services.switches import surge_exists


def published_url(page: Any | None) -> str:
    """Return the URL of ``page``; ``""`` if it is ``None``, not published or outside every site.

    A page behind a login or a password keeps its link, as in rich text: the page itself asks visitors to log in.
    """
    return (page.live and page.url) or "" if page else ""


def translate_lazy(value: Any) -> Any:
    """Return ``value`` with lazy strings evaluated in the active language, also inside dictionaries and lists."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: translate_lazy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [translate_lazy(item) for item in value]
    return value


class TranslatedPreviewMixin:
    """Block mixin that allows lazily translated strings in ``Meta.preview_value``."""

    meta: Any

    def get_preview_value(self) -> Any:
        """Return ``Meta.preview_value`` in the editor's language."""
        block: Any = super()
        if not hasattr(self.meta, "preview_value"):
            return block.get_preview_value()
        return block.normalize(translate_lazy(self.meta.preview_value))


#: Label of a stored choice whose pledge the editor may not see.
HIDDEN_PLEDGE: Final = _("A campaign that you cannot see or that was deleted")


def choosable_pledges(user: Any | None) -> QuerySet[Pledge]:
    """Return the pledges that ``user`` may choose, by title; without a user, the public ones."""
    provider = providers.choosable_pledges
    offered = provider(user) if provider and user is not None else Pledge.objects.public()
    return offered.order_by("title", "pk")


def pledge_choices() -> list[tuple[str, Any]]:
    """Return the choices for the current editor: the page's pledge, those they may choose, and, without their titles,
    stored choices that they may not see.
    """
    edit = current_edit()
    offered = {str(pledge.uuid): str(pledge) for pledge in choosable_pledges(edit.user)}
    kept = dict.fromkeys(uuid for uuid in chosen_pledges(edit.block, edit.stored) if uuid not in offered)
    others = [(uuid, HIDDEN_PLEDGE) for uuid in kept]
    return [("", _("This page’s campaign")), *offered.items(), *others]


def chosen_pledges(block: Any, value: Any) -> Iterator[str]:
    """Yield the pledge UUIDs chosen anywhere in ``value``, a value of ``block``."""
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
    """A choice of a pledge. The value is its UUID as text, or ``""`` for the page's own pledge."""

    @cached_property
    def field(self) -> forms.ChoiceField:
        """The form field: :func:`pledge_choices`, read when the form is validated, in the admin's chooser."""
        make_widget = providers.key_chooser
        return forms.ChoiceField(
            choices=pledge_choices,
            required=False,
            help_text=_("Choose one only to show a different campaign from this page’s."),
            **({"widget": make_widget("pledge")} if make_widget is not None else {}),
        )

    def value_from_form(self, value: Any) -> str:
        """Return the UUID, ``""`` for none: the chooser posts nothing."""
        return str(value or "")

    def get_form_state(self, value: Any) -> Any:
        """Return what the form shows for a stored UUID."""
        widget: Any = self.field.widget
        return widget.get_value_data(value) if hasattr(widget, "get_value_data") else super().get_form_state(value)

    class Meta:
        icon = "pick"
        label = _("Campaign")
        default = ""


def chosen_uuid(value: Any) -> UUID | None:
    """Return the UUID in a stored choice, ``None`` if there is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def find_pledge(uuid: str) -> Pledge | None:
    """Return the pledge with this UUID; ``None`` if there is none or ``uuid`` is invalid.

    It is annotated with ``db_now`` and ``is_surge`` (it is in a surge).

    One query, shared by all blocks of a page.
    """
    wanted = chosen_uuid(uuid)
    if wanted is None:
        return None
    pledges = Pledge.objects.annotate(db_now=Now(), is_surge=surge_exists("pk"))
    return memoize_per_request(("pledge", wanted), pledges.filter(uuid=wanted).first)


class RequestCacheMixin:
    """Block mixin that uses the per-request cache, so that the blocks of any page read each treaty or pledge once."""

    def render(self, value: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Render the block within the cache of the request."""
        block: Any = super()
        with use_request_cache(context.get("request") if context else None):
            return block.render(value, context=context)


class BlockWithSettings(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """Base of blocks that show rarely changed fields in the collapsible settings section of their form."""

    #: Names of the child blocks in the settings section; fields that a subclass adds are outside of it by default.
    settings_fields: ClassVar[tuple[str, ...]] = ()

    def get_form_layout(self) -> blocks.BlockGroup:
        """Return ``Meta.form_layout`` if set, else all children in order, with ``settings_fields`` as settings."""
        if self.meta.form_layout is not None:
            return super().get_form_layout()
        main = [name for name in self.child_blocks if name not in self.settings_fields]
        return blocks.BlockGroup(main, settings=[name for name in self.child_blocks if name in self.settings_fields])


class PledgeBlock(RequestCacheMixin, BlockWithSettings):
    """Base of blocks that show a pledge: the one that the editor chose, else the page's."""

    pledge = PledgeChoiceBlock()

    settings_fields: ClassVar[tuple[str, ...]] = ("pledge",)

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``pledge`` (or ``None``), ``is_own`` (it is the page's), ``is_surge`` (it is in a surge) and
        ``pledge_url`` (``""`` for the page's own).
        """
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        own, chosen = context.get("pledge"), value.get("pledge") or ""
        is_own = own is not None and chosen in {"", str(own.uuid)}
        pledge = own if is_own else find_pledge(chosen)
        url = pledge_url(pledge, get_language() or "") if pledge and not is_own else ""
        is_surge = bool(context.get("is_surge")) if is_own else getattr(pledge, "is_surge", False)
        return {**context, "pledge": pledge, "is_own": is_own, "is_surge": is_surge, "pledge_url": url}
