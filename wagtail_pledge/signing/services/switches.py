"""Kill switches and the surge switch: rows, so that every process sees them at once."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists
from django.db.models.functions import Now

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.models import Switch

#: Nobody can sign; what was signed can be confirmed and withdrawn.
SIGNING: Final = "signing"
#: No mail leaves; what is due waits.
MAIL: Final = "mail"
#: What is signed without a proof of work is held.
SURGE: Final = "surge"
SWITCHES: Final = (SIGNING, MAIL, SURGE)


class UnknownSwitch(PledgeError):
    """There is no such switch."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_switch", f"There is no switch {name!r}; there are: {', '.join(SWITCHES)}")


def turn(name: str, *, on: bool, reason: str = "", actor: Any = None, of: int | None = None) -> None:
    """Turn a switch on (the work pauses) or off; ``of`` is the id of the one pledge that is meant.

    Raises :class:`UnknownSwitch`.
    """
    if name not in SWITCHES:
        raise UnknownSwitch(name)
    now = {"is_on": on, "reason": reason[:200], "actor": actor}
    row = name if of is None else f"{name}:{of}"
    Switch.objects.update_or_create(name=row, defaults={**now, "changed_at": Now()})


def is_on(name: str) -> bool:
    """Whether the switch ``name`` holds; one query."""
    return Switch.objects.filter(name=name, is_on=True).exists()


def switch_holds(name: str) -> Any:
    """Return an ``EXISTS`` for a query that is made anyway."""
    return Exists(Switch.objects.filter(name=name, is_on=True))
