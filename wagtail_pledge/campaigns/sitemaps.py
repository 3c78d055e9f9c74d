"""What a page adds to a site's sitemap.

Wagtail walks the pages below the root page of the site. The trees of other languages stand beside that one.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.models import Site

from wagtail_pledge.campaigns.frame import default_translation


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
