"""Public JSON of a pledge."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from wagtail_pledge.core.language import settled
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import counts_for, shown_state
from wagtail_pledge.signing.services.surges import surge_holds


@require_safe
def count_view(_request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/count.json``: total and parts, a few seconds behind; anyone may read and keep it for a moment."""
    found = get_object_or_404(Pledge.objects.public().annotate(db_now=Now(), is_surge=surge_holds("pk")), uuid=pledge)
    counts = counts_for(found)
    data = {
        "pledge": str(found.uuid),
        "state": shown_state(found, found.db_now),
        "total": counts.total,
        "online": counts.total,
        "offline": 0,
        "kinds": {**dict.fromkeys(kinds(), 0), **counts.kinds},
        "goal": counts.goal,
        "as_of": counts.as_of.astimezone(dt.UTC).isoformat(timespec="seconds"),
    }
    response = JsonResponse(data)
    patch_cache_control(
        response, public=True, max_age=get_setting("SURGE_MAX_AGE" if found.is_surge else "COUNT_MAX_AGE")
    )
    response["Access-Control-Allow-Origin"] = "*"
    return settled(response)
