"""Treaties as pages show them: today, in the reader's language, each read once while a page is made."""

from __future__ import annotations

from functools import partial

from django.utils.translation import get_language

from wagtail_pledge.core.reads import read_once
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.facts import TreatyLabel, treaty_label
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.services import get_treaty
from wagtail_pledge.treaties.status import Look, look

Seen = tuple[Treaty, Look, TreatyLabel]


def look_today(treaty: Treaty) -> Look:
    """Return today's status with its acts: one query. Raises a subclass of :class:`AsOfError`."""
    return read_once(("look", treaty.pk, get_language()), partial(look, treaty))


def see_treaty(key: str) -> Seen | None:
    """Return the treaty of that key with its status today and its names, ``None`` where it is gone or has no data yet;
    two queries.
    """
    return read_once(("treaty", key, get_language()), partial(_see, key))


def _see(key: str) -> Seen | None:
    try:
        treaty = get_treaty(key)
        return treaty, look_today(treaty), treaty_label(treaty)
    except TreatyError:
        return None
