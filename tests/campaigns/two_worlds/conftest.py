"""The beginning of the worlds, with limits low enough to be reached by a few requests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest
from django.template import Template
from django.test.utils import _TestState

from tests.campaigns.two_worlds.clock import Clock
from tests.campaigns.two_worlds.owner import VICTIM
from tests.campaigns.two_worlds.process import forget
from tests.campaigns.two_worlds.script import EVERYTHING
from tests.campaigns.two_worlds.site import Beginning
from tests.campaigns.two_worlds.worker import lease_if_due
from tests.campaigns.two_worlds.world import World
from wagtail_pledge.conf import PREFIX
from wagtail_pledge.core import qr
from wagtail_pledge.signing import countries
from wagtail_pledge.signing.worker import mail

LIMITS: Final = {
    "NETWORK_MAILS_PER_10_MINUTES": 3,
    "NETWORK_MAILS_PER_HOUR": 6,
    "NETWORK_MAILS_PER_DAY": 9,
    "POSTS_PER_MINUTE": 15,
    "NETWORK_PER_HOUR": 4,
    "NETWORK_PER_DAY": 6,
    "DOMAIN_PER_HOUR": 5,
    "NAME_PER_HOUR": 3,
    "NUMBERED_PER_HOUR": 3,
    "REMINDER_HOURS": 24,
}


#: Countries to choose from in a form, of some 250 with a template each.
FEW_COUNTRIES: Final = (("CA", "Canada"), ("MX", "Mexico"), ("US", "United States"))


def _make_cheap(patch: pytest.MonkeyPatch) -> None:
    """Spare what is expensive and the same whatever is in the ledger."""
    # Without the signal with a copy of the context, which Django's test environment sends for each template
    patch.setattr(Template, "_render", _TestState.saved_data.template_render)
    patch.setattr(countries, "_choices", lambda _language: FEW_COUNTRIES)
    patch.setattr(qr, "qr_file", cache(qr.qr_file))
    patch.setattr(mail, "lease", lease_if_due)


@pytest.fixture
def beginning(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beginning]:
    """Return the campaign as both worlds find it."""
    _make_cheap(monkeypatch)
    for name, value in LIMITS.items():
        setattr(settings, PREFIX + name, value)
    clock = Clock()
    with clock.running():
        forget()
        yield Beginning(clock)
    # By the real clocks, what it remembers would stay valid for years
    forget()


@pytest.fixture
def warm(beginning: Beginning) -> Beginning:
    """Return the beginning in a process that has done everything before, so that no first time is a difference."""
    World(beginning, VICTIM).run(EVERYTHING)
    return beginning
