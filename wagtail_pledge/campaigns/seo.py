"""Campaigns for search engines: schema.org, as JSON-LD. It says what the page says, in the same state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.models import Site
from wagtail.rich_text import get_text_for_indexing

from wagtail_pledge.campaigns.api_fields import utc_text
from wagtail_pledge.campaigns.context.layout import default_translation
from wagtail_pledge.core.jsonld import linked_data_json

#: Signing is supporting what somebody else says.
ACTION: Final = "https://schema.org/EndorseAction"
#: Characters of a text that are repeated as data.
MAX_TEXT: Final = 5000


def pledge_data(page: Any, context: Mapping[str, Any]) -> SafeString | str:
    """Return the JSON-LD of a pledge page or a signer-type page, ``""`` for a page without an address.

    ``context`` is the page's own: ``sign``, ``progress`` and ``pledge_page`` of ``ledger_context``. The number is in it
    only where the page shows it, the way to sign only where it is open.
    """
    url = page.full_url
    if not url:
        return ""
    call, sign = context.get("pledge_page") or page, context.get("sign")
    call_id = f"{call.full_url}#call"
    text = sign.statement.text if sign and sign.statement.pk else call.statement
    webpage = {
        **page_node(page, context, url),
        "mainEntity": {"@id": call_id},
        "potentialAction": _action(url, call_id) if sign and sign.is_open else None,
    }
    work = {
        "@type": "CreativeWork",
        "@id": call_id,
        "name": call.title,
        "text": get_text_for_indexing(text)[:MAX_TEXT],
        "inLanguage": page.locale.language_code,
        "version": str(sign.statement.number) if sign and sign.statement.pk else "",
        "datePublished": utc_text(sign.statement.created_at) if sign and sign.statement.pk else "",
        "interactionStatistic": _number(context.get("progress")),
    }
    return linked_data_json([webpage, work])


def list_data(page: Any, context: Mapping[str, Any], campaigns: Iterable[Mapping[str, Any]]) -> SafeString | str:
    """Return the JSON-LD of a list of campaigns: those that this part of the list shows, under its own address."""
    url = context.get("canonical_url") or page.full_url
    if not url:
        return ""
    items = [
        {"@type": "ListItem", "position": place, "name": one["page"].title, "url": one["page"].full_url}
        for place, one in enumerate(campaigns, start=1)
    ]
    entries = {"@type": "ItemList", "itemListElement": items} if items else None
    return linked_data_json([{**page_node(page, context, url), "@type": "CollectionPage", "mainEntity": entries}])


def update_data(page: Any, context: Mapping[str, Any]) -> SafeString | str:
    """Return the JSON-LD of an update: a dated article about the campaign, ``pledge_page`` of the context."""
    url, call = page.full_url, context.get("pledge_page")
    if not url:
        return ""
    node = page_node(page, context, url)
    about = {"@type": "CreativeWork", "@id": f"{call.full_url}#call", "name": call.title} if call is not None else None
    article = {
        **node,
        "@type": "NewsArticle",
        "headline": page.title,
        "datePublished": page.day.isoformat() if page.day else node["datePublished"],
        "mainEntityOfPage": url,
        "about": about,
        "publisher": {"@type": "Organization", "name": node["isPartOf"]["name"]} if node["isPartOf"] else None,
    }
    return linked_data_json([article])


def page_node(page: Any, context: Mapping[str, Any], url: str) -> dict[str, Any]:
    """Return the page itself as a schema.org node."""
    site_name = context.get("site_name")
    return {
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": page.title,
        "description": getattr(page, "search_description", "") or getattr(page, "lead", ""),
        "inLanguage": page.locale.language_code,
        "datePublished": utc_text(page.first_published_at),
        "dateModified": utc_text(page.last_published_at),
        "isPartOf": {"@type": "WebSite", "name": site_name} if site_name else None,
    }


def _action(url: str, call_id: str) -> dict[str, Any]:
    return {
        "@type": "EndorseAction",
        "name": _("Add my name"),
        "object": {"@id": call_id},
        "target": {"@type": "EntryPoint", "urlTemplate": url},
    }


def _number(progress: Any) -> dict[str, Any] | None:
    if progress is None or not progress.show:
        return None
    return {"@type": "InteractionCounter", "interactionType": ACTION, "userInteractionCount": progress.total}


def alternates_of(translations: list[Any]) -> list[dict[str, str]]:
    """Return the addresses of the same page by language for a sitemap, ``[]`` where there is no other language."""
    found = [one for one in translations if one.alias_of_id is None]
    if len(found) < 2:
        return []
    default = default_translation(found)
    return [{"lang_code": one.locale.language_code, "location": one.full_url} for one in found] + [
        {"lang_code": "x-default", "location": default.full_url}
    ]


def beside_the_tree(page: Any, translations: list[Any], request: HttpRequest | None) -> list[Any]:
    """Return those of the public ``translations`` of ``page``, itself included, that Wagtail does not come by and that
    ``page`` is to name: the first of those that it does come by names them all.
    """
    site = Site.find_for_request(request) if request else page.get_site()
    if site is None:
        return []
    below = [one for one in translations if one.path.startswith(site.root_page.path)]
    if not below or below[0].pk != page.pk:
        return []
    others = [one for one in translations if one not in below and one.alias_of_id is None]
    # Not of the request: Wagtail then finds every page on its site
    return [one for one in others if (one.get_url_parts() or (None,))[0] == site.pk]
