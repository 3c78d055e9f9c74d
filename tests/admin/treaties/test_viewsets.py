"""Treaties and States in the admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.responses import text
from wagtail_pledge.treaties.models import State, Treaty

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.mark.requirement("TR1")
class TestTreaties:
    @pytest.fixture
    def treaty(self, db: None) -> Treaty:
        treaty = Treaty.objects.create(key="test", short_name="TEST", name="the Test Treaty", title="Treaty on Tests")
        state = State.objects.order_by("pk").first() or State.objects.create(key="XXA", name="Exland")
        treaty.actions.create(party=state, action="ratification", date="2003-07-01")
        return treaty

    def test_key_facts_are_edited_and_the_key_stays(self, log_in: Login, treaty: Treaty) -> None:
        client = log_in("superuser")
        address = reverse("wagtail_pledge_treaties:edit", args=[treaty.pk])
        form = client.get(address).context["form"]
        assert {"key", "as_of"}.isdisjoint(form.fields)
        data = {name: form.initial.get(name) or "" for name in form.fields} | {
            "depositary": "The Registrar",
            "key": "x",
        }
        assert client.post(address, data).status_code == 302
        treaty.refresh_from_db()
        assert (treaty.key, treaty.depositary) == ("test", "The Registrar")

    def test_acts_are_read(self, log_in: Login, treaty: Treaty) -> None:
        page = text(log_in("superuser").get(reverse("wagtail_pledge_treaties:inspect", args=[treaty.pk])))
        assert "July 1, 2003" in page
        assert str(treaty.actions.get().party) in page

    def test_states_are_found_by_the_names_that_sources_use(self, log_in: Login) -> None:
        state = State.objects.create(key="XXB", name="Exland Republic")
        state.aliases.create(name="Exlandia", normalized="exlandia")
        client = log_in("superuser")
        answer = client.get(reverse("wagtail_pledge_states:index"), {"q": "Exlandia"})
        assert list(answer.context["object_list"]) == [state]
        state.aliases.create(name="Republic of Exlandia", normalized="republic of exlandia")
        answer = client.get(reverse("wagtail_pledge_states:index"), {"q": "Exlandia"})
        assert list(answer.context["object_list"]) == [state]
        assert "Exlandia" in text(client.get(reverse("wagtail_pledge_states:inspect", args=[state.pk])))
