"""Decision-makers and stages in the admin: forms, the chooser, and rows of another collection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection

from tests.admin.conftest import Campaign
from tests.admin.responses import outcome, text
from tests.admin.test_ledger_forms import inline, pledge_data
from wagtail_pledge.delivery.models import DecisionStage, PledgeRecipient, Recipient
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeFactory,
    PledgeRecipientFactory,
    RecipientFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DL1", "ED3"), pytest.mark.swappable]

Login = Callable[[str], Client]
HUGE = ("9" * 19, "9" * 5000)
CHOOSER = "wagtail_pledge_recipient_chooser"


def recipient_data(campaign: Campaign, **values: Any) -> dict[str, Any]:
    start = {"office": "The Senate", "position": "unknown", "collection": campaign.collection.pk}
    return {**start, **inline("translations"), **values}


def stage_data(campaign: Campaign, **values: Any) -> dict[str, Any]:
    start = {"pledge": campaign.pledge.pk, "position": 1, "name": "The vote", "state": "not_started"}
    return {**start, **inline("evidence"), **inline("translations"), **values}


def evidence(day: str = "2026-02-03", source: str = "https://record.example/", **translation: Any) -> dict[str, Any]:
    row = inline("evidence", {"day": day, "text": "It happened.", "source": source})
    return {**row, **inline("evidence-0-translations", *([translation] if translation else []))}


@pytest.fixture
def ours(our_campaign: Campaign) -> Recipient:
    return RecipientFactory(office="Office of Ours", collection=our_campaign.collection)


@pytest.fixture
def theirs(other_campaign: Campaign) -> Recipient:
    return RecipientFactory(office="Office of Theirs", collection=other_campaign.collection)


class TestRecipients:
    ADD = "wagtail_pledge_recipients:add"

    def test_one_is_added_with_position_contact_and_translation(self, log_in: Login, our_campaign: Campaign) -> None:
        spanish = {"language": "es", "office": "El Senado", "place": "Washington"}
        data = recipient_data(
            our_campaign,
            name="A. Person",
            position="opposes",
            position_on="2026-02-03",
            position_source="https://press.example/1",
            email="office@senate.example",
            **inline("translations", spanish),
        )
        assert log_in("manager").post(reverse(self.ADD), data).status_code == 302
        made = Recipient.objects.get()
        assert (str(made), made.position, made.collection) == (
            "A. Person, The Senate",
            "opposes",
            our_campaign.collection,
        )
        assert list(made.translations.values("language", "office", "place")) == [spanish]

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("position_on", {"position": "supports", "position_source": "https://press.example/"}),
            ("position_source", {"position": "supports", "position_on": "2026-02-03"}),
            ("position", {"position": "angry"}),
            ("office", {"office": ""}),
            ("office", {"office": "The\u202eSenate"}),
            ("phone", {"phone": "1\u200b2"}),
            ("address", {"address": "Street\nCity\u202e"}),
            ("website", {"website": "javascript:alert(1)"}),
        ],
    )
    def test_invalid_values_give_an_error_beside_the_field(
        self, log_in: Login, our_campaign: Campaign, field: str, values: dict[str, str]
    ) -> None:
        answer = log_in("manager").post(reverse(self.ADD), recipient_data(our_campaign, **values))
        assert list(answer.context["form"].errors) == [field]
        assert not Recipient.objects.exists()

    def test_an_address_keeps_its_lines(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("manager")
        data = recipient_data(our_campaign, address=" Street 1\r\nCity ", office="  The   Senate ")
        assert client.post(reverse(self.ADD), data).status_code == 302
        assert Recipient.objects.values_list("address", "office").get() == ("Street 1\nCity", "The Senate")
        edit = text(client.get(reverse("wagtail_pledge_recipients:edit", args=[Recipient.objects.get().pk])))
        assert 'rows="3"' in edit

    @pytest.mark.parametrize("field", ["office", "place"])
    def test_invisible_characters_in_a_translation_are_refused(
        self, log_in: Login, our_campaign: Campaign, field: str
    ) -> None:
        row = {"language": "es", "office": "El Senado", "place": "Washington", field: "El\u202eSenado"}
        data = recipient_data(our_campaign, **inline("translations", row))
        assert log_in("manager").post(reverse(self.ADD), data).status_code == 200
        assert not Recipient.objects.exists()

    @pytest.mark.parametrize("languages", [("es", "es"), ("tlh",), ("en",)])
    def test_translations_are_in_other_languages_of_the_site_each_once(
        self, log_in: Login, our_campaign: Campaign, languages: tuple[str, ...]
    ) -> None:
        client = log_in("manager")
        rows = [{"language": language, "office": "El Senado"} for language in languages]
        answer = client.post(reverse(self.ADD), recipient_data(our_campaign, **inline("translations", *rows)))
        assert (answer.status_code == 302) is (languages == ("en",))
        offered = text(client.get(reverse(self.ADD)))
        assert '<option value="es">' in offered
        assert '<option value="en">' not in offered

    def test_it_can_only_be_put_where_the_user_may_change_campaigns(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign, ours: Recipient
    ) -> None:
        client = log_in("manager")
        edit = reverse("wagtail_pledge_recipients:edit", args=[ours.pk])
        for collection in (other_campaign.collection, Collection.get_first_root_node()):
            answer = client.post(edit, recipient_data(our_campaign, collection=collection.pk))
            assert list(answer.context["form"].errors) == ["collection"]
        assert client.post(edit, recipient_data(our_campaign)).status_code == 302

    def test_one_that_is_named_is_not_deleted(self, log_in: Login, our_campaign: Campaign, ours: Recipient) -> None:
        client, url = log_in("manager"), reverse("wagtail_pledge_recipients:delete", args=[ours.pk])
        PledgeRecipientFactory(pledge=our_campaign.pledge, recipient=ours)
        DecisionStageFactory(pledge=our_campaign.pledge, recipient=ours)
        page = text(client.get(url))
        assert "1 campaign that urges the decision-maker" in page
        assert "1 stage of a decision" in page
        assert "First take it out" in page
        client.post(url)
        assert Recipient.objects.filter(pk=ours.pk).exists()
        PledgeRecipient.objects.all().delete()
        DecisionStage.objects.all().delete()
        client.post(url)
        assert not Recipient.objects.filter(pk=ours.pk).exists()

    def test_the_collection_of_one_is_not_deleted(self, log_in: Login, ours: Recipient) -> None:
        empty = Collection.get_first_root_node().add_child(name="Only people")
        Recipient.objects.update(collection=empty)
        client = log_in("superuser")
        assert "1 decision-maker" in text(client.get(reverse("wagtailadmin_collections:delete", args=[empty.pk])))
        client.post(reverse("wagtailadmin_collections:delete", args=[empty.pk]))
        assert Collection.objects.filter(pk=empty.pk).exists()


class TestChooser:
    def choose(self, client: Client, view: str = "choose_results", **query: str) -> str:
        return text(client.get(reverse(f"{CHOOSER}:{view}"), query))

    def test_it_offers_what_the_user_may_see_and_searches_it(
        self, log_in: Login, ours: Recipient, theirs: Recipient
    ) -> None:
        client = log_in("viewer")
        for page in (self.choose(client), self.choose(client, q="office")):
            assert "Office of Ours" in page
            assert "Theirs" not in page
        assert "Office of Ours" not in self.choose(client, q="nothing like it")
        everything = self.choose(log_in("superuser"))
        assert "Office of Ours" in everything
        assert "Office of Theirs" in everything

    def test_others_cannot_be_chosen_by_their_number(self, log_in: Login, ours: Recipient, theirs: Recipient) -> None:
        client = log_in("viewer")
        chosen = json.loads(self.choose(client, "chosen_multiple", id=str(theirs.pk)))
        assert chosen["result"] == []
        assert json.loads(self.choose(client, "chosen_multiple", id=str(ours.pk)))["result"][0]["id"] == str(ours.pk)
        assert json.loads(self.choose(client, "chosen_multiple", id="x' or 1"))["result"] == []
        for key in (str(theirs.pk), "x", "²", *HUGE):
            assert outcome(client.get(reverse(f"{CHOOSER}:chosen", args=[quote(key)]))) == "absent"
            assert json.loads(self.choose(client, "chosen_multiple", id=key))["result"] == []

    @pytest.mark.parametrize("key", HUGE)
    def test_a_number_that_no_row_has_is_an_error_of_the_form(
        self, log_in: Login, our_campaign: Campaign, key: str
    ) -> None:
        answer = log_in("manager").post(reverse("wagtail_pledge_stages:add"), stage_data(our_campaign, recipient=key))
        assert answer.context["form"].errors.keys() == {"recipient"}

    @pytest.mark.parametrize("view", ["choose", "choose_results", "chosen_multiple"])
    def test_users_without_any_permission_on_campaigns_are_refused(self, log_in: Login, view: str) -> None:
        assert outcome(log_in("editor").get(reverse(f"{CHOOSER}:{view}"))) == "denied"


class TestWhomACampaignUrges:
    def url(self, campaign: Campaign) -> str:
        return reverse("wagtail_pledge_pledges:edit", args=[campaign.pledge.pk])

    def urge(self, *recipients: Recipient) -> dict[str, Any]:
        rows = [{"recipient": each.pk, "ORDER": number} for number, each in enumerate(recipients, 1)]
        return inline("recipients", *rows)

    def test_decision_makers_are_chosen_in_an_order(
        self, log_in: Login, our_campaign: Campaign, ours: Recipient
    ) -> None:
        other = RecipientFactory(office="Another", collection=our_campaign.collection)
        data = pledge_data(our_campaign, **self.urge(other, ours))
        assert log_in("manager").post(self.url(our_campaign), data).status_code == 302
        assert list(Recipient.objects.of_pledge(our_campaign.pledge)) == [other, ours]

    def test_one_is_chosen_once_and_none_of_another_collection(
        self, log_in: Login, our_campaign: Campaign, ours: Recipient, theirs: Recipient
    ) -> None:
        client = log_in("manager")
        unreadable = inline("recipients", {"recipient": "x", "ORDER": 1})
        for rows in (self.urge(ours, ours), self.urge(theirs), unreadable):
            answer = client.post(self.url(our_campaign), pledge_data(our_campaign, **rows))
            assert answer.status_code == 200
            assert "Theirs" not in text(answer)
        assert not PledgeRecipient.objects.exists()

    def test_one_that_someone_else_has_chosen_stays(
        self, log_in: Login, our_campaign: Campaign, theirs: Recipient
    ) -> None:
        row = PledgeRecipientFactory(pledge=our_campaign.pledge, recipient=theirs)
        stored = inline("recipients", {"recipient": theirs.pk, "id": row.pk, "ORDER": 1})
        data = pledge_data(our_campaign, **{**stored, "recipients-INITIAL_FORMS": 1})
        assert log_in("manager").post(self.url(our_campaign), data).status_code == 302
        assert PledgeRecipient.objects.get().recipient == theirs


class TestStages:
    ADD = "wagtail_pledge_stages:add"

    def test_one_is_added_with_evidence_and_translations(
        self, log_in: Login, our_campaign: Campaign, ours: Recipient
    ) -> None:
        data = stage_data(
            our_campaign,
            recipient=ours.pk,
            **evidence(language="es", text="Sucedió."),
            **inline("translations", {"language": "es", "name": "La votación"}),
        )
        assert log_in("manager").post(reverse(self.ADD), data).status_code == 302
        stage = DecisionStage.objects.get()
        assert (stage.name, stage.recipient, stage.pledge) == ("The vote", ours, our_campaign.pledge)
        assert stage.translations.get().name == "La votación"
        found = stage.evidence.get()
        assert (found.day.isoformat(), found.source) == ("2026-02-03", "https://record.example/")
        assert found.translations.get().text == "Sucedió."

    @pytest.mark.parametrize("where", ["evidence", "evidence-0-translations", "translations"])
    def test_invisible_characters_are_refused_everywhere(
        self, log_in: Login, our_campaign: Campaign, where: str
    ) -> None:
        data = stage_data(
            our_campaign,
            **evidence(language="es", text="Sucedió."),
            **inline("translations", {"language": "es", "name": "La votación", "text": "Se vota."}),
        )
        assert f"{where}-0-text" in data
        answer = log_in("manager").post(reverse(self.ADD), {**data, f"{where}-0-text": "No\u202eon"})
        assert answer.status_code == 200
        assert "Enter text without invisible characters" in text(answer)
        assert not DecisionStage.objects.exists()

    def test_its_state_is_moved_and_logged(self, log_in: Login, our_campaign: Campaign) -> None:
        stage = DecisionStageFactory(pledge=our_campaign.pledge)
        client, edit = log_in("manager"), reverse("wagtail_pledge_stages:edit", args=[stage.pk])
        assert client.post(edit, stage_data(our_campaign, state="under_way", **evidence())).status_code == 302
        stage.refresh_from_db()
        assert (stage.state, stage.evidence.count()) == ("under_way", 1)
        assert "manager" in text(client.get(reverse("wagtail_pledge_stages:history", args=[stage.pk])))

    @pytest.mark.parametrize("values", [{"day": ""}, {"day": "yesterday"}, {"source": ""}, {"source": "javascript:1"}])
    def test_evidence_needs_its_date_and_a_source(
        self, log_in: Login, our_campaign: Campaign, values: dict[str, str]
    ) -> None:
        answer = log_in("manager").post(reverse(self.ADD), stage_data(our_campaign, **evidence(**values)))
        assert list(answer.context["form"].formsets["evidence"].errors[0]) == list(values)
        assert not DecisionStage.objects.exists()

    def test_campaigns_and_decision_makers_of_another_collection_are_refused(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign, theirs: Recipient
    ) -> None:
        client = log_in("manager")
        for values in ({"recipient": theirs.pk}, {"pledge": other_campaign.pledge.pk}):
            answer = client.post(reverse(self.ADD), stage_data(our_campaign, **values))
            assert list(answer.context["form"].errors) == list(values)
            assert "Theirs" not in text(answer)

    def test_its_campaign_does_not_change(self, log_in: Login, our_campaign: Campaign) -> None:
        stage = DecisionStageFactory(pledge=our_campaign.pledge)
        other = PledgeFactory(collection=our_campaign.collection)
        data = stage_data(our_campaign, pledge=other.pk)
        assert log_in("manager").post(reverse("wagtail_pledge_stages:edit", args=[stage.pk]), data).status_code == 302
        stage.refresh_from_db()
        assert stage.pledge == our_campaign.pledge

    def test_the_list_is_in_order_and_filtered_by_campaign(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        for position, name in ((2, "Second"), (1, "First")):
            DecisionStageFactory(pledge=our_campaign.pledge, name=name, position=position)
        DecisionStageFactory(pledge=other_campaign.pledge, name="Vote of Theirs")
        client, index = log_in("superuser"), reverse("wagtail_pledge_stages:index")
        page = text(client.get(index, {"pledge": our_campaign.pledge.pk}))
        assert page.index("First") < page.index("Second")
        assert "Vote of Theirs" not in page
        assert "Vote of Theirs" in text(client.get(index))

    def test_deleting_a_pledge_deletes_its_path_and_keeps_the_decision_makers(
        self, our_campaign: Campaign, ours: Recipient
    ) -> None:
        pledge = PledgeRecipientFactory(recipient=ours).pledge
        EvidenceFactory(stage=DecisionStageFactory(pledge=pledge, recipient=ours))
        pledge.delete()
        assert list(Recipient.objects.all()) == [ours]
        assert not DecisionStage.objects.exists()
