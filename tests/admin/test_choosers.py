"""Choosers of pledges, treaties and States, and the form field for a pledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.users.models import UserProfile

from tests.admin.conftest import MANAGER, Campaign, MakeUser
from tests.admin.responses import text
from tests.treaties import treaty_data
from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.choosers import PledgeChooserField
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import change_state
from wagtail_pledge.signing.services.pledges import archive
from wagtail_pledge.treaties.models import State, Treaty

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP3"), pytest.mark.swappable]

Login = Callable[[str], Client]
HIDDEN = "A campaign that you cannot see or that was deleted"


def listed(client: Client, chooser: str, **query: str) -> str:
    """Return the list of a chooser."""
    answer = client.get(reverse(f"wagtail_pledge_{chooser}_chooser:choose_results"), query)
    assert answer.status_code == 200
    return text(answer)


class Form(forms.Form):
    """A form of a site."""

    campaign = PledgeChooserField(required=False)

    def __init__(self, *args: Any, for_user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.for_user = for_user


class TestPledges:
    def test_the_list_has_what_the_user_may_see_and_is_in_use(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        client = log_in("viewer")
        assert "Pledge of Ours" in listed(client, "pledge")
        assert "Pledge of Theirs" not in listed(client, "pledge")
        assert "Pledge of Ours" not in listed(client, "pledge", q="Theirs")
        archive(change_state(our_campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done"), actor=None)
        assert "Pledge of Ours" not in listed(client, "pledge")

    def test_a_right_narrows_the_list(self, log_in: Login, our_campaign: Campaign) -> None:
        right = str(PledgePermission.CHANGE)
        assert "Pledge of Ours" in listed(log_in("manager"), "pledge", right=right)
        assert "Pledge of Ours" not in listed(log_in("viewer"), "pledge", right=right)
        assert "Pledge of Ours" in listed(log_in("moderator"), "pledge", right="nonsense")

    def test_the_field_accepts_what_its_user_may_see(
        self, make_user: MakeUser, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        user = make_user("user", our_campaign.collection, PledgePermission.VIEW)
        ours, theirs = our_campaign.pledge, other_campaign.pledge
        form = Form({"campaign": str(ours.pk)}, for_user=user)
        assert form.is_valid()
        assert form.cleaned_data["campaign"] == ours
        assert "Pledge of Ours" in str(form["campaign"])
        refused = Form({"campaign": str(theirs.pk)}, for_user=user)
        assert not refused.is_valid()
        assert "Pledge of Theirs" not in str(refused["campaign"])
        assert Form({"campaign": ""}, for_user=user).is_valid()
        assert not Form({"campaign": str(ours.pk)}).is_valid()

    def test_a_stored_pledge_stays_and_is_not_named(
        self, make_user: MakeUser, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        user = make_user("user", our_campaign.collection, PledgePermission.VIEW)
        stored = other_campaign.pledge
        shown = str(Form(initial={"campaign": stored.pk}, for_user=user)["campaign"])
        assert HIDDEN in shown
        assert stored.title not in shown
        kept = Form({"campaign": str(stored.pk)}, initial={"campaign": stored}, for_user=user)
        assert kept.is_valid()
        assert kept.cleaned_data["campaign"] == stored

    @pytest.mark.parametrize("posted", ["0", "-1", "x", "1" * 30, "\x00"])
    def test_anything_else_is_refused(self, make_user: MakeUser, our_campaign: Campaign, posted: str) -> None:
        form = Form({"campaign": posted}, for_user=make_user("user", our_campaign.collection, *MANAGER))
        assert not form.is_valid()
        assert str(form["campaign"])

    def test_a_panel_of_a_site_gets_field_and_chooser(self) -> None:
        chooser = reverse("wagtail_pledge_pledge_chooser:choose")
        panel = ObjectList([FieldPanel("pledge")]).bind_to_model(SignerType)
        form = panel.get_form_class()(for_user=None)
        assert isinstance(form.fields["pledge"], PledgeChooserField)
        assert chooser in str(form["pledge"])

    def test_a_new_way_to_sign_offers_what_the_user_may_change(self, log_in: Login, our_campaign: Campaign) -> None:
        page = text(log_in("manager").get(reverse("wagtail_pledge_signer_types:add")))
        assert f"{reverse('wagtail_pledge_pledge_chooser:choose')}?right=change_pledge" in page
        assert "Pledge of Ours" not in page


class TestTreatiesAndStates:
    @pytest.fixture
    def treaty(self, db: None) -> Treaty:
        treaty_data.states()
        treaty_data.treaty("ilo", short_name="C097", title="Migration for Employment")
        return treaty_data.cmw()

    def test_treaties_are_found_and_those_without_data_are_marked(self, log_in: Login, treaty: Treaty) -> None:
        client = log_in("editor")
        everything = listed(client, "treaty")
        assert str(treaty) in everything
        assert "C097 · Migration for Employment (no data yet)" in everything
        assert "C097" not in listed(client, "treaty", q="Migrant Workers")

    def test_states_are_found_by_any_name_and_shown_in_the_editors_language(
        self, log_in: Login, treaty: Treaty
    ) -> None:
        client = log_in("editor")
        assert "Türkiye" in listed(client, "state", q="Turkey")
        assert "Mexico" not in listed(client, "state", q="Turkey")
        mexico = State.objects.get(key="MEX")
        chosen = client.get(reverse("wagtail_pledge_state_chooser:chosen", args=[mexico.pk]))
        assert "Mexico" in chosen.content.decode()
        assert client.get(reverse("wagtail_pledge_state_chooser:chosen", args=["x"]), follow=True).status_code == 404

    def test_an_editor_finds_states_by_their_names_in_the_own_language(self, treaty: Treaty) -> None:
        user = get_user_model().objects.create_superuser("ana")
        UserProfile.objects.create(user=user, preferred_language="es")
        client = Client()
        client.force_login(user)
        assert "Alemania" in listed(client, "state", q="alemania")
        assert "Alemania" in listed(client, "state", q="Germany")
        first = listed(client, "state")
        assert first.index("Afganistán") < first.index("Albania") < first.index("Alemania")

    @pytest.mark.parametrize("chooser", ["treaty", "state"])
    def test_blocks_get_the_key_of_what_was_chosen(self, log_in: Login, treaty: Treaty, chooser: str) -> None:
        row: Any = treaty if chooser == "treaty" else State.objects.get(key="MEX")
        client = log_in("editor")
        assert f"{row.pk}/?by=key" in listed(client, chooser, by="key", q=str(row.key))
        url = reverse(f"wagtail_pledge_{chooser}_chooser:chosen", args=[row.pk])
        assert client.get(url, {"by": "key"}).json()["result"]["id"] == row.key
        assert client.get(url).json()["result"]["id"] == str(row.pk)

    @pytest.mark.parametrize("form", ["state_names", "treaty_names", "treaty_declarations"])
    def test_the_forms_have_choosers_instead_of_long_lists(self, log_in: Login, treaty: Treaty, form: str) -> None:
        page = text(log_in("superuser").get(reverse(f"wagtail_pledge_{form}:add")))
        chooser = "state" if form == "state_names" else "treaty"
        assert reverse(f"wagtail_pledge_{chooser}_chooser:choose") in page
        assert "Mexico" not in page
        assert "Migrant Workers" not in page

    def test_nobody_outside_the_admin_sees_a_list(self, client: Client) -> None:
        for chooser in ("pledge", "treaty", "state"):
            answer = client.get(reverse(f"wagtail_pledge_{chooser}_chooser:choose"))
            assert answer.status_code == 302
        client.force_login(get_user_model().objects.create_user("reader"))
        answer = client.get(reverse("wagtail_pledge_treaty_chooser:choose"))
        assert answer.status_code == 302
