"""Kill switches and the surge switch."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists

from wagtail_pledge.signing.models import Switch

SIGNING = "signing"
MAIL = "mail"
SURGE = "surge"


def is_on(name: str) -> bool:
    """Whether the switch ``name`` holds."""
    return Switch.objects.filter(name=name, is_on=True).exists()


def switch_holds(name: str) -> Any:
    """Return an ``EXISTS`` for a query that is made anyway."""
    return Exists(Switch.objects.filter(name=name, is_on=True))
