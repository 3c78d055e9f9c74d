"""Share block: links to share the campaign, and its QR code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.core.qr import qr_inline
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.models import Pledge

#: Shared URL in previews; its domain is reserved for examples by RFC 2606.
SAMPLE_URL: Final = "https://example.org/en/ratify/"


class ShareBlock(PledgeBlock):
    """Plain links to share a campaign, and a QR code. The shared URL is the campaign page's, without anything about the
    visitor.
    """

    heading = blocks.CharBlock(required=False, max_length=120, label=gettext_lazy("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=gettext_lazy("Text"))
    message = blocks.CharBlock(
        required=False,
        max_length=200,
        label=gettext_lazy("Message to share"),
        help_text=gettext_lazy("The link is added automatically. If empty, the title of the page is used."),
    )
    qr = blocks.BooleanBlock(
        required=False,
        default=True,
        label=gettext_lazy("QR code"),
        help_text=gettext_lazy("To scan from the screen, and to download for posters."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``share_url`` (or ``""``), ``share_title``, ``qr`` and ``qr_source``.

        ``qr`` is the code as SVG, where it has no URL of its own yet; ``qr_source`` is that URL. Each is ``""`` without
        a code.
        """
        context = super().get_context(value, parent_context=parent_context)
        page: Any = context.get("page")
        # A signer-type page shows the pledge too, but has no ``pledge_id``
        is_pledge_page = context["is_own"] and getattr(page, "pledge_id", 0) == context["pledge"].pk
        url = (page.full_url if is_pledge_page else self._campaign_url(context)) or ""
        title = value.get("message") or (page.title if is_pledge_page else "")
        has_code = bool(url and value.get("qr"))
        # The page's own code is a file of its own, so that it costs nothing until a visitor scrolls to it
        source = context.get("qr_url", "") if has_code and is_pledge_page and not self._is_preview(context) else ""
        code = qr_inline(url, _("QR code: %(url)s") % {"url": url}) if has_code and not source else ""
        return {**context, "share_url": url, "share_title": title, "qr": code, "qr_source": source}

    def _is_preview(self, context: Mapping[str, Any]) -> bool:
        return bool(getattr(context.get("request"), "is_preview", False))

    def _campaign_url(self, context: Mapping[str, Any]) -> str:
        pledge = context["pledge"]
        if pledge is None or not context["is_own"]:
            return str(context["pledge_url"])
        return SAMPLE_URL if pledge.uuid == SAMPLE_UUID else pledge_url(pledge, get_language() or "")

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add a sample pledge, which is shared as :data:`SAMPLE_URL`."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}

    class Meta:
        icon = "redirect"
        group = pgettext_lazy("block group", "Take action")
        label = gettext_lazy("Share")
        description = gettext_lazy("Links to share the campaign, and a QR code. No trackers or third-party scripts.")
        template = "wagtail_pledge/blocks/share.html"
        preview_template = "wagtail_pledge/blocks/preview/share.html"
        preview_value: Final = {
            "heading": gettext_lazy("Ask three people you trust"),
            "text": gettext_lazy("A personal message works best."),
            "message": gettext_lazy("Ratify the convention"),
            "qr": True,
            "pledge": "",
        }
