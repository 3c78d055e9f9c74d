"""Atom feed of a campaign's updates, newest first."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, Final
from urllib.parse import urljoin
from uuid import UUID, uuid5

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from wagtail_pledge.api.open_data import public_data
from wagtail_pledge.campaigns.lookups import find_public_pages, full_url, updates_under
from wagtail_pledge.core.i18n import supported_language
from wagtail_pledge.signing.models import Pledge

#: Entries in a feed.
MAX_ENTRIES: Final = 50
MAX_AGE: Final = 300


class UpdatesFeed(Atom1Feed):
    """Atom feed that is dated ``since`` while it is empty. Django takes the current time, which changes the ETag."""

    def latest_post_date(self) -> dt.datetime:
        """Return the date of the newest entry, or ``since`` if there is none."""
        newest: dt.datetime = super().latest_post_date() if self.items else self.feed["since"]
        return newest


@public_data
def updates_atom(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/updates.atom?lang=``: the newest updates in a language; 404 without a public page in it."""
    code = supported_language(request.GET.get("lang"))
    row = get_object_or_404(Pledge.objects.public(), uuid=pledge)
    page = next((page for page in find_public_pages(row) if page.locale.language_code == code), None)
    if page is None:
        raise Http404
    body = _feed(row, page, f"{request.path}?lang={code}")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8", headers={"ETag": etag})
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return get_conditional_response(request, etag=etag, response=response) or response


def _feed(pledge: Pledge, page: Any, path: str) -> bytes:
    code, url = page.locale.language_code, full_url(page)
    feed = UpdatesFeed(
        title=_("%(campaign)s: updates") % {"campaign": page.title},
        link=url,
        feed_url=urljoin(url, path),
        feed_guid=_urn(pledge.uuid, code),
        description=None,
        language=code,
        since=page.first_published_at or pledge.created_at,
    )
    for update in updates_under([page], MAX_ENTRIES):
        feed.add_item(**_entry(update, code))
    text: str = feed.writeString("utf-8")
    return text.encode()


def _entry(update: Any, code: str) -> dict[str, Any]:
    published = dt.datetime.combine(update.day, dt.time(), tzinfo=dt.UTC)
    return {
        "title": update.title,
        "description": update.lead,
        "link": full_url(update),
        "unique_id": _urn(update.translation_key, code),
        "pubdate": published,
        "updateddate": update.last_published_at or published,
    }


def _urn(uuid: UUID, code: str) -> str:
    """Return an identifier per language that stays the same when URLs change."""
    return f"urn:uuid:{uuid5(uuid, code)}"
