"""What the blocks share: the choice of a pledge, the pledge that is meant, words for an empty block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.models import Pledge


def pledge_choices() -> QuerySet[Pledge]:
    """Return the pledges that an editor may choose in a block."""
    return Pledge.objects.order_by("title", "pk")


class PledgeChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """Chooses a pledge; the value is its UUID as text, or ``""`` for the pledge of the page."""

    @cached_property
    def field(self) -> forms.ModelChoiceField:
        """The form field: a select over :func:`pledge_choices`."""
        return forms.ModelChoiceField(
            queryset=pledge_choices(),
            to_field_name="uuid",
            required=False,
            empty_label=_("The pledge of the page"),
            help_text=_("Choose one only to show another campaign than the page's own."),
        )

    def value_from_form(self, value: Any) -> str:
        """Return the UUID of the chosen pledge, ``""`` for none."""
        return str(value.uuid) if isinstance(value, Pledge) else str(value or "")

    class Meta:
        icon = "pick"
        label = _("Pledge")
        default = ""


def find_pledge(uuid: str) -> Pledge | None:
    """Return the pledge with this UUID and the database's time in ``db_now``, or ``None`` if it is gone or the text is
    no UUID; one query.
    """
    try:
        return Pledge.objects.annotate(db_now=Now()).filter(uuid=UUID(uuid)).first()
    except ValueError:
        return None


class FoldingBlock(blocks.StructBlock):  # type: ignore[misc]
    """Base of blocks whose form keeps what is rarely changed behind one click."""

    #: Names of child blocks that wait there; whatever a subclass adds stays in sight.
    folded: ClassVar[tuple[str, ...]] = ()

    def get_form_layout(self) -> blocks.BlockGroup:
        """Return ``Meta.form_layout``, else all children in their order and the folded ones as settings."""
        if self.meta.form_layout is not None:
            return super().get_form_layout()
        in_sight = [name for name in self.child_blocks if name not in self.folded]
        return blocks.BlockGroup(in_sight, settings=[name for name in self.child_blocks if name in self.folded])


class PledgeBoundBlock(FoldingBlock):
    """Base of blocks that show a pledge: the one an editor chose, else the one of the page."""

    pledge = PledgeChoiceBlock()

    folded = ("pledge",)

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``pledge`` (or ``None``), ``is_own`` (it is the page's) and, if it is another's, its ``pledge_url``."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        own, chosen = context.get("pledge"), value.get("pledge") or ""
        is_own = own is not None and chosen in {"", str(own.uuid)}
        pledge = own if is_own else find_pledge(chosen)
        url = pledge_url(pledge, get_language() or "") if pledge and not is_own else ""
        return {**context, "pledge": pledge, "is_own": is_own, "pledge_url": url}
