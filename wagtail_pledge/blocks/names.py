"""Who has signed: only names that may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBoundBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.caching.headers import shows_names
from wagtail_pledge.caching.local import read_once
from wagtail_pledge.signing.logos import HEIGHT, WIDTH
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import PublicOrganization, public_organizations, recent_names
from wagtail_pledge.signing.services.public_names import MAX_NAMES, MAX_ORGANIZATIONS


class NamesBlock(PledgeBoundBlock):
    """Base: tells the page that it shows names, so that nobody keeps it for long."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))

    #: What previews show: the names of nobody.
    sample: ClassVar[tuple[Any, ...]] = ()

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``names``; one query, none without a pledge."""
        context = super().get_context(value, parent_context=parent_context)
        pledge, request = context["pledge"], context.get("request")
        if request is not None:
            shows_names(request)
        if pledge is not None and pledge.uuid == SAMPLE_UUID:
            return {**context, "names": self.sample}
        return {**context, "names": self.get_names(pledge, value) if pledge and pledge.pk else ()}

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Override to return what the template lists."""
        raise NotImplementedError

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Show the sample."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}


class RecentSignersBlock(NamesBlock):
    """People who confirmed and chose to be shown, the newest first."""

    limit = blocks.IntegerBlock(default=12, min_value=1, max_value=100, label=_("How many names"))

    folded = ("pledge", "limit")
    sample = ("First Last", "F. L., Kenya", "First Last, Oakland", "F. L., Mexico")

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return public names."""
        names = read_once(("signers", pledge.pk), partial(recent_names, pledge, MAX_NAMES))
        return names[: value.get("limit") or 0]

    class Meta:
        icon = "user"
        group = _("Progress")
        label = _("Recent signers")
        description = _("Names of people who chose to be shown. They are added five at a time, or after a day.")
        template = "wagtail_pledge/blocks/recent_signers.html"
        preview_template = "wagtail_pledge/blocks/preview/recent_signers.html"
        preview_value: Final = {"heading": _("They have signed"), "pledge": "", "limit": 12}


class OrganizationsBlock(NamesBlock):
    """Organizations that somebody of the campaign approved, by name."""

    layout = blocks.ChoiceBlock(
        choices=[("list", _("List of names")), ("wall", _("Wall of logos"))],
        default="list",
        label=_("Layout"),
        help_text=_("On a wall, an organization without an approved logo shows with its name."),
    )
    limit = blocks.IntegerBlock(default=60, min_value=1, max_value=500, label=_("How many organizations"))
    first = blocks.TextBlock(
        required=False,
        max_length=2000,
        rows=3,
        label=_("Shown first"),
        help_text=_("Names of organizations, one a line. The others follow by alphabet."),
    )

    folded = ("pledge", "limit", "first")
    sample = (
        PublicOrganization(name="Example Union Local 12", website="https://example.org/"),
        PublicOrganization(name="Neighbors’ Kitchen, Oakland", website=""),
    )

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return approved organizations."""
        first = tuple((value.get("first") or "").splitlines())
        read = partial(public_organizations, pledge, MAX_ORGANIZATIONS, first=first)
        return read_once(("organizations", pledge.pk, first, get_language()), read)[: value.get("limit") or 0]

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the size of a logo."""
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "logo_width": WIDTH, "logo_height": HEIGHT}

    class Meta:
        icon = "group"
        group = _("Proof")
        label = _("Organizations")
        description = _("The organizations that joined the call and were approved, with their websites.")
        template = "wagtail_pledge/blocks/organizations.html"
        preview_template = "wagtail_pledge/blocks/preview/organizations.html"
        preview_value: Final = {
            "heading": _("Organizations that joined"),
            "pledge": "",
            "layout": "list",
            "limit": 60,
            "first": "",
        }
