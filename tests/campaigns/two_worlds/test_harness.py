"""The comparison itself: it repeats exactly, moves all clocks, finds leaks, and knows all public views."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.mail import send_mail
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from tests.campaigns.two_worlds import public_views
from tests.campaigns.two_worlds.actions import Owner, SendGarbage, Sign, Wait
from tests.campaigns.two_worlds.clock import START
from tests.campaigns.two_worlds.comparison import BEFORE, Comparison, history
from tests.campaigns.two_worlds.observation import Normaliser, difference
from tests.campaigns.two_worlds.owner import ACTS, VICTIM
from tests.campaigns.two_worlds.process import CACHES, caches_in_the_package, guard
from tests.campaigns.two_worlds.script import EVERYTHING
from tests.campaigns.two_worlds.site import Beginning
from tests.campaigns.two_worlds.world import OWN, World
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.testing.factories import PledgeFactory
from wagtail_pledge.urls import urlpatterns

pytestmark = pytest.mark.requirement("B1", "SG4")


def test_the_same_world_twice_is_the_same(warm: Beginning) -> None:
    first = World(warm, VICTIM).run(EVERYTHING)
    second = World(warm, VICTIM, first.could).run(EVERYTHING)
    found = difference(first.trace, second.trace)
    assert not found, found
    assert first.could == [True, True, True]
    assert {message.to[0] for message in first.mails} == set(OWN)


def test_the_owner_can_do_every_act(beginning: Beginning) -> None:
    acts = ("signs", "says not me", "allows mail again", "corrects", "types the code", "asks for the link", "withdraws")
    world = World(beginning, VICTIM).run([step for act in acts for step in (Owner(act), Wait(16 * 60))])
    assert world.could == [True] * len(acts)
    assert World(beginning, VICTIM).run([Owner("signs"), Wait(10), Owner("confirms")]).could == [True, True]
    assert set(acts) | {"confirms"} == set(ACTS)


@pytest.mark.parametrize("acts", [BEFORE[0], BEFORE[4]], ids="-".join)
def test_a_history_that_was_kept_is_the_same_as_one_that_is_run(warm: Beginning, acts: tuple[str, ...]) -> None:
    """What follows depends on the rows, clocks, mails and jobs of the history."""
    worlds, steps = Comparison(warm), [*history(acts), *EVERYTHING]
    run = World(warm, VICTIM).run(steps)
    for _time in range(2):
        kept = worlds.run(VICTIM, steps)
        found = difference(run.trace, kept.trace)
        assert not found, found
        assert (kept.could, len(kept.mails)) == (run.could, len(run.mails))


def test_a_token_is_random_even_without_a_digit() -> None:
    """One of some thousand tokens has none."""
    for letters in ("xY", "Zw"):
        shown = Normaliser().text(f"Location: /pledge/confirm/{'AQ' + letters * 20}/")
        assert shown == "Location: /pledge/confirm/⟨token 1, 42 characters⟩/"


def test_all_clocks_move_together(beginning: Beginning) -> None:
    beginning.restore()
    began = time.monotonic()
    beginning.clock.move(86_400)
    moved = START + dt.timedelta(days=1)
    row = Pledge.objects.annotate(now=Now()).get(pk=PledgeFactory().pk)
    assert {timezone.now(), database_now(), row.now, row.created_at} == {moved}
    assert time.monotonic() - began == pytest.approx(86_400)


def test_nothing_is_remembered_from_one_world_to_the_next(beginning: Beginning) -> None:
    world = World(beginning, VICTIM).run([SendGarbage(network=1)])
    assert "\n503\n" in world.trace[-1]
    begun = World(beginning, VICTIM)
    assert not guard._times
    assert begun.run([Sign(OWN[0])]).tickets


def test_the_owners_requests_are_nothing_that_the_strangers_process_remembers(beginning: Beginning) -> None:
    """How often the owner of a mailbox had to try may differ between the worlds."""
    world = World(beginning, VICTIM).run([SendGarbage(network=0, number=3)])
    known = {network: list(times) for network, times in guard._times.items()}
    world.run([Owner("signs")])
    assert {network: list(times) for network, times in guard._times.items()} == known


class LeakingMiddleware:
    """Does what ``leak`` does with each answer once the victim is in the ledger."""

    leak: Callable[[Any], object] = print

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Answer, with the leak."""
        response = self._get_response(request)
        if VICTIM in {signature.email for signature in get_signature_model()._default_manager.all()}:
            type(self).leak(response)
        return response


def _run_a_statement(_response: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _add_to_the_answer(response: Any) -> None:
    # JSON stays JSON
    response.content = response.content.replace(b"{", b'{"known": 1, ', 1)


#: What leaks, and what the difference must name.
LEAKS: Final[list[tuple[Callable[[Any], object], str]]] = [
    (lambda response: response.headers.__setitem__("X-Known", "yes"), "X-Known: yes"),
    (lambda response: response.set_cookie("known", "yes"), "known=yes"),
    (lambda response: setattr(response, "status_code", 299), "299"),
    (_add_to_the_answer, "known"),
    (_run_a_statement, "SQL SELECT 1"),
    (lambda _response: send_mail("You know", "what", "a@b.example", [OWN[0]]), "You know"),
]


def test_each_kind_of_leak_is_found(warm: Beginning, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIDDLEWARE = [f"{__name__}.LeakingMiddleware", *settings.MIDDLEWARE]
    steps = [Owner("signs"), Wait(10), Owner("confirms"), Sign(OWN[0], how="json")]
    for leak, named in LEAKS:
        monkeypatch.setattr(LeakingMiddleware, "leak", staticmethod(leak))
        assert named in Comparison(warm).difference(steps)


def test_every_cache_of_a_process_is_known() -> None:
    """One that is not emptied between two worlds would tell the second what happened in the first."""
    assert {id(each) for each in caches_in_the_package()} == {id(each) for each in CACHES}


def test_every_public_view_is_known() -> None:
    known = [*public_views.READ, *public_views.READ_ANYWHERE, *public_views.ACTED_ON, *public_views.LEFT_OUT]
    assert sorted(known) == sorted(str(pattern.name) for pattern in urlpatterns)
    pages = {model.__name__ for model in apps.get_app_config("wagtail_pledge_pages").get_models()}
    assert pages == public_views.PAGES | set(public_views.PAGES_LEFT_OUT)
