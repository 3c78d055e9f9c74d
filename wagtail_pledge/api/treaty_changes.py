"""Atom feed of the acts of States on a treaty, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wagtail_pledge.api.open_data import public_data
from wagtail_pledge.api.treaties import treaty_response
from wagtail_pledge.treaties.display.facts import treaty_label
from wagtail_pledge.treaties.enums import Act
from wagtail_pledge.treaties.errors import NoTreatyData
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.models import Treaty, TreatyAction
from wagtail_pledge.treaties.states import display_name

#: Entries in a feed. The whole history is in ``status.json``.
MAX_ENTRIES: Final = 50


@public_data
def treaty_changes_atom(request: HttpRequest, key: str) -> HttpResponseBase:
    """``GET treaties/<key>/changes.atom?lang=…``: the newest acts. Errors are JSON."""
    return treaty_response(request, key, lambda treaty: _feed_response(request, treaty))


def _feed_response(request: HttpRequest, treaty: Treaty) -> HttpResponse:
    if treaty.as_of is None:
        raise NoTreatyData
    host = request.get_host()
    label = treaty_label(treaty)
    feed = Atom1Feed(
        title=_("%(treaty)s: changes by State") % {"treaty": label.title},
        link=request.build_absolute_uri(request.path.replace("changes.atom", "status.json")),
        feed_url=request.build_absolute_uri(),
        feed_guid=f"tag:{host},{treaty.as_of.year}:treaty/{treaty.key}",
        description=None,
        language=get_language(),
    )
    for act in TreatyAction.objects.newest(treaty, MAX_ENTRIES):
        feed.add_item(**_entry(act, treaty.as_of, host, request))
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _entry(act: TreatyAction, data_as_of: dt.date, host: str, request: HttpRequest) -> dict[str, Any]:
    state = act.party
    name = display_name(key=state.key, iso2=state.iso2, name=state.name)
    day = act.date or data_as_of
    return {
        "title": _("%(state)s: %(act)s") % {"state": name, "act": Act(act.action).label},
        "description": "\n".join(_details(act)),
        "link": request.build_absolute_uri(request.path.replace("changes.atom", "status.json")),
        "unique_id": f"tag:{host},{day.isoformat()}:treaty/{act.treaty.key}/{state.key}/{act.action}",
        "updateddate": dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC),
        "pubdate": dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC),
    }


def _details(act: TreatyAction) -> Iterable[str]:
    if act.date:
        yield _("Date: %(date)s") % {"date": format_date(act.date)}
    else:
        yield _("The source does not say when.")
    if act.effect_date:
        yield _("In force from: %(date)s") % {"date": format_date(act.effect_date)}
