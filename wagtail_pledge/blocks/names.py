"""Blocks that list signers who agreed to be shown, and approved organizations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.caching.headers import mark_shows_names
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.signing.logos import HEIGHT, WIDTH
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import PublicOrganization, public_organizations, recent_names
from wagtail_pledge.signing.services.public_names import MAX_NAMES, MAX_ORGANIZATIONS


def organizations_url(pledge: Pledge) -> str:
    """Return the URL of the whole list of organizations in the active language."""
    return f"{reverse('wagtail_pledge:organizations', args=[pledge.uuid])}?lang={get_language() or ''}"


class NamesBlock(PledgeBlock):
    """Base of blocks that list names. Responses with one are cached for a shorter time, so removed names go soon."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))

    #: Whether names are left out while the campaign is in a surge, because they would change with every page.
    is_shed_in_surge: ClassVar[bool] = False
    #: Invented names for previews.
    sample: ClassVar[tuple[Any, ...]] = ()

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``names``, with one query; empty without a pledge, or with :attr:`is_shed_in_surge` in a surge."""
        context = super().get_context(value, parent_context=parent_context)
        pledge, request = context["pledge"], context.get("request")
        if request is not None:
            mark_shows_names(request)
        if pledge is not None and pledge.uuid == SAMPLE_UUID:
            return {**context, "names": self.sample}
        is_shed = self.is_shed_in_surge and context["is_surge"]
        return {**context, "names": self.get_names(pledge, value) if pledge and pledge.pk and not is_shed else ()}

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the items that the template lists. Subclasses must override this."""
        raise NotImplementedError

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add a sample pledge, for which ``names`` is :attr:`sample`."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}


class RecentSignersBlock(NamesBlock):
    """Signers who confirmed and chose to be shown, newest first."""

    limit = blocks.IntegerBlock(default=12, min_value=1, max_value=100, label=_("How many names"))

    settings_fields = ("pledge", "limit")
    is_shed_in_surge = True
    sample = ("First Last", "F. L., Kenya", "First Last, Oakland", "F. L., Mexico")

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the newest public names, as text."""
        names = memoize_per_request(("signers", pledge.pk), partial(recent_names, pledge, MAX_NAMES))
        return names[: value.get("limit") or 0]

    class Meta:
        icon = "user"
        group = _("Progress")
        label = _("Recent signers")
        description = _("Names of people who agreed to be shown. Added five at a time, or after a day.")
        template = "wagtail_pledge/blocks/recent_signers.html"
        preview_template = "wagtail_pledge/blocks/preview/recent_signers.html"
        preview_value: Final = {"heading": _("They have signed"), "pledge": "", "limit": 12}


class OrganizationsBlock(NamesBlock):
    """Approved organizations in alphabetical order, as a list or a grid of logos."""

    layout = blocks.ChoiceBlock(
        choices=[("list", _("List of names")), ("wall", _("Logo grid"))],
        default="list",
        label=_("Layout"),
        help_text=_("In a grid, an organization without an approved logo is shown by name."),
    )
    limit = blocks.IntegerBlock(default=60, min_value=1, max_value=500, label=_("How many organizations"))
    first = blocks.TextBlock(
        required=False,
        max_length=2000,
        rows=3,
        label=_("Shown first"),
        help_text=_("One organization name per line. The others follow in alphabetical order."),
    )

    settings_fields = ("pledge", "limit", "first")
    sample = (
        PublicOrganization(name="Example Union Local 12", website="https://example.org/"),
        PublicOrganization(name="Neighbors’ Kitchen, Oakland", website=""),
    )

    def get_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return approved organizations, those named in ``first`` before the others."""
        return self.read_names(pledge, value)[: value.get("limit") or 0]

    def read_names(self, pledge: Pledge, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return all approved organizations that are read, in the order of :meth:`get_names`; one query per request."""
        first = tuple((value.get("first") or "").splitlines())
        read = partial(public_organizations, pledge, MAX_ORGANIZATIONS, first=first)
        names: tuple[Any, ...] = memoize_per_request(("organizations", pledge.pk, first, get_language()), read)
        return names

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add the logos' size in pixels, how many are not shown (``more``), and the URL of the whole list."""
        context = super().get_context(value, parent_context=parent_context)
        pledge, more = context["pledge"], 0
        if context["names"] and pledge.uuid != SAMPLE_UUID:
            more = len(self.read_names(pledge, value)) - len(context["names"])
        list_url = organizations_url(pledge) if more else ""
        return {**context, "logo_width": WIDTH, "logo_height": HEIGHT, "more": more, "list_url": list_url}

    class Meta:
        icon = "group"
        group = _("Evidence")
        label = _("Organizations")
        description = _("Organizations that signed and were approved, with links to their websites.")
        template = "wagtail_pledge/blocks/organizations.html"
        preview_template = "wagtail_pledge/blocks/preview/organizations.html"
        preview_value: Final = {
            "heading": _("Organizations that joined"),
            "pledge": "",
            "layout": "list",
            "limit": 60,
            "first": "",
        }
