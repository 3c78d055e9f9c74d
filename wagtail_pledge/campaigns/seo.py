"""JSON-LD (schema.org) and sitemap entries for search engines. The data never says more than the page itself."""

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
from wagtail_pledge.core.escaping import linked_data_json

#: The schema.org action for signing.
ACTION: Final = "https://schema.org/EndorseAction"
#: Maximum length of a text in the JSON-LD.
MAX_TEXT: Final = 5000


def pledge_linked_data(page: Any, context: Mapping[str, Any]) -> SafeString | str:
    """Return the JSON-LD of a pledge page or a signer-type page, ``""`` for a page without a URL.

    ``context`` is the page's, with ``sign``, ``progress`` and ``pledge_page`` of ``pledge_context``. The count is
    included only if the page shows it, the action to sign only if the pledge is open.
    """
    url = page.full_url
    if not url:
        return ""
    pledge_page, sign = context.get("pledge_page") or page, context.get("sign")
    campaign_id = f"{pledge_page.full_url}#call"
    text = sign.statement.text if sign and sign.statement.pk else pledge_page.statement
    webpage = {
        **page_node(page, context, url),
        "mainEntity": {"@id": campaign_id},
        "potentialAction": _sign_action(url, campaign_id) if sign and sign.is_open else None,
    }
    work = {
        "@type": "CreativeWork",
        "@id": campaign_id,
        "name": pledge_page.title,
        "creator": {"@type": "Organization", "name": pledge_page.asker} if pledge_page.asker else None,
        "text": get_text_for_indexing(text)[:MAX_TEXT],
        "inLanguage": page.locale.language_code,
        "version": str(sign.statement.number) if sign and sign.statement.pk else "",
        "datePublished": utc_text(sign.statement.created_at) if sign and sign.statement.pk else "",
        "interactionStatistic": _signature_counter(context.get("progress")),
    }
    return linked_data_json([webpage, work])


def campaign_list_linked_data(
    page: Any, context: Mapping[str, Any], campaigns: Iterable[Mapping[str, Any]]
) -> SafeString | str:
    """Return the JSON-LD of an index page: the ``campaigns`` of the current page of its list."""
    url = context.get("canonical_url") or page.full_url
    if not url:
        return ""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": campaign["page"].title,
            "url": campaign["page"].full_url,
        }
        for position, campaign in enumerate(campaigns, start=1)
    ]
    entries = {"@type": "ItemList", "itemListElement": items} if items else None
    return linked_data_json([{**page_node(page, context, url), "@type": "CollectionPage", "mainEntity": entries}])


def update_linked_data(page: Any, context: Mapping[str, Any]) -> SafeString | str:
    """Return the JSON-LD of an update: a news article about the campaign of ``context["pledge_page"]``."""
    url, pledge_page = page.full_url, context.get("pledge_page")
    if not url:
        return ""
    node = page_node(page, context, url)
    about = None
    if pledge_page is not None:
        about = {"@type": "CreativeWork", "@id": f"{pledge_page.full_url}#call", "name": pledge_page.title}
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
    """Return the schema.org ``WebPage`` node of the page."""
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


def _sign_action(url: str, campaign_id: str) -> dict[str, Any]:
    return {
        "@type": "EndorseAction",
        "name": _("Add my name"),
        "object": {"@id": campaign_id},
        "target": {"@type": "EntryPoint", "urlTemplate": url},
    }


def _signature_counter(progress: Any) -> dict[str, Any] | None:
    if progress is None or not progress.show:
        return None
    return {"@type": "InteractionCounter", "interactionType": ACTION, "userInteractionCount": progress.total}


def sitemap_alternates(translations: list[Any]) -> list[dict[str, str]]:
    """Return the URLs of the translations by language, for a sitemap; aliases are left out. ``[]`` for one language."""
    originals = [page for page in translations if page.alias_of_id is None]
    default = default_translation(originals)
    if default is None or len(originals) < 2:
        return []
    return [{"lang_code": page.locale.language_code, "location": page.full_url} for page in originals] + [
        {"lang_code": "x-default", "location": default.full_url}
    ]


def sitemap_entries_outside_tree(page: Any, translations: list[Any], request: HttpRequest | None) -> list[Any]:
    """Return the ``translations`` that the entry of ``page`` has to add to the sitemap.

    Wagtail's sitemap visits only the tree below the site's root page. Translations outside it that belong to the same
    site are added by the first translation inside it; for every other page the list is empty. Aliases are left out.
    ``translations`` are public and include ``page``.
    """
    site = Site.find_for_request(request) if request else page.get_site()
    if site is None:
        return []
    inside = [one for one in translations if one.path.startswith(site.root_page.path)]
    if not inside or inside[0].pk != page.pk:
        return []
    outside = [one for one in translations if one not in inside and one.alias_of_id is None]
    # Without the request: with it, Wagtail would prefer the request's site for every page
    return [one for one in outside if (one.get_url_parts() or (None,))[0] == site.pk]
