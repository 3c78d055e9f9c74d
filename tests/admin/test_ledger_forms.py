"""Forms for pledges, signer types and organizations: valid and invalid values, and choices by permission."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from tests.admin.conftest import Campaign, MakeUser
from tests.admin.responses import outcome, text
from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.signing.enums import Approval, PledgeState
from wagtail_pledge.signing.models import EmbedOrigin, PartnerLink, Pledge, SignerType
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory, SignerTypeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.swappable]

Login = Callable[[str], Client]


def pledge_data(campaign: Campaign, **values: Any) -> dict[str, Any]:
    start = {"title": "Ratify", "collection": campaign.collection.pk}
    dates = {"state": "open", "opens_at": "", "closes_at": "", "goal": "", "country": ""}
    formsets = {**inline("recipients"), **inline("embed_origins"), **inline("partner_links")}
    return {**start, **dates, **formsets, **values}


def inline(name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """Return the form data of an inline formset with added rows."""
    data: dict[str, Any] = {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    return data


def edit(row: Any) -> str:
    space = {Pledge: "pledges", SignerType: "signer_types"}[type(row)]
    return reverse(f"wagtail_pledge_{space}:edit", args=[row.pk])


class TestPledges:
    def test_the_listing_shows_state_count_and_collection(self, log_in: Login, our_campaign: Campaign) -> None:
        our_campaign.pledge.tallies.create(day="2026-01-01", kind="individual", country="US", count=1200)
        our_campaign.pledge.tallies.create(day="2026-01-02", kind="organization", country="US", count=34)
        page = text(log_in("manager").get(reverse("wagtail_pledge_pledges:index")))
        for shown in ("Pledge of Ours", "Open", "1,234", "Ours"):
            assert shown in page
        assert "Theirs" not in page

    @pytest.mark.requirement("CP6")
    def test_dates_and_goal_are_saved_and_the_state_is_not_editable(
        self, log_in: Login, our_campaign: Campaign
    ) -> None:
        data = pledge_data(our_campaign, state="paused", closes_at="2026-12-18 23:59", goal="5000", country="US")
        assert log_in("manager").post(edit(our_campaign.pledge), data).status_code == 302
        our_campaign.pledge.refresh_from_db()
        assert (our_campaign.pledge.state, our_campaign.pledge.goal, our_campaign.pledge.country) == (
            PledgeState.OPEN,
            5000,
            "US",
        )
        assert our_campaign.pledge.closes_at is not None
        assert our_campaign.pledge.collection == our_campaign.collection

    @pytest.mark.requirement("CP8")
    def test_goal_steps_and_minimum_count_are_saved(self, log_in: Login, our_campaign: Campaign) -> None:
        data = pledge_data(our_campaign, goal_steps="  1000\t5000 10000 ", shown_from="50")
        assert log_in("manager").post(edit(our_campaign.pledge), data).status_code == 302
        our_campaign.pledge.refresh_from_db()
        assert (our_campaign.pledge.goal_steps, our_campaign.pledge.shown_from) == ("1000 5000 10000", 50)

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("closes_at", {"opens_at": "2026-12-18 10:00", "closes_at": "2026-12-18 10:00"}),
            ("country", {"country": "XX"}),
            ("goal", {"goal": "-1"}),
            ("goal_steps", {"goal_steps": "1,000 5,000"}),
            ("goal_steps", {"goal_steps": "1000 1000"}),
            ("goal_steps", {"goal_steps": "5000 1000"}),
            ("goal_steps", {"goal_steps": "1000 99999999999"}),
            ("goal_steps", {"goal_steps": " ".join(map(str, range(1, 14)))}),
            ("shown_from", {"shown_from": "-1"}),
        ],
    )
    def test_invalid_values_give_an_error_beside_the_field(
        self, log_in: Login, our_campaign: Campaign, field: str, values: dict[str, str]
    ) -> None:
        answer = log_in("manager").post(edit(our_campaign.pledge), pledge_data(our_campaign, **values))
        assert list(answer.context["form"].errors) == [field]

    @pytest.mark.requirement("RE2")
    def test_websites_allowed_to_embed_are_saved_as_origins(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("manager")
        pasted = inline("embed_origins", {"origin": "https://Partner.example/act?x=1"}, {"origin": "javascript:x"})
        answer = client.post(edit(our_campaign.pledge), pledge_data(our_campaign, **pasted))
        errors = answer.context["form"].formsets["embed_origins"].errors
        assert errors == [{}, {"origin": ["Enter a web address, like https://partner.example"]}]
        assert not our_campaign.pledge.embed_origins.exists()
        row = {"origin": "https://Partner.example/act?x=1"}
        twice = inline("embed_origins", row, row)
        assert client.post(edit(our_campaign.pledge), pledge_data(our_campaign, **twice)).status_code == 302
        stored = Pledge.objects.get(pk=our_campaign.pledge.pk).embed_origins
        assert set(stored.values_list("origin", flat=True)) == {"https://partner.example"}

    @pytest.mark.requirement("RE2")
    def test_the_inspect_page_shows_the_embed_code(self, log_in: Login, pages: tuple[Any, Any]) -> None:
        pledge = pages[0].pledge
        inspect = reverse("wagtail_pledge_pledges:inspect", args=[pledge.pk])
        client = log_in("superuser")
        # The admin is served at testserver
        Site.objects.update(hostname="campaign.example", port=8443)
        Site.clear_site_root_paths_cache()
        assert "data-pledge-embed" not in text(client.get(inspect))
        EmbedOrigin.objects.create(pledge=pledge, origin="https://partner.example")
        shown = text(client.get(inspect))
        assert "https://partner.example" in shown
        host = "http://campaign.example:8443"
        assert f'data-pledge-embed="{host}/pledge/{pledge.uuid}/embed/?lang=en">Ratify</a>' in shown
        assert f'<script async src="{host}/pledge/embed.js"></script>' in shown
        assert "<p>English</p>" in shown

    @pytest.mark.requirement("RE4")
    def test_partner_links_are_saved_and_their_signatures_counted(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("manager")

        def post(*rows: dict[str, Any]) -> Any:
            return client.post(edit(our_campaign.pledge), pledge_data(our_campaign, **inline("partner_links", *rows)))

        row = {"slug": "peace-union", "name": "Peace Union"}
        assert post(row, row).status_code == 200
        assert not PartnerLink.objects.exists()
        assert post(row).status_code == 302
        SignatureFactory(pledge=our_campaign.pledge, source="peace-union")
        SignatureFactory(pledge=our_campaign.pledge)
        shown = text(log_in("viewer").get(reverse("wagtail_pledge_pledges:inspect", args=[our_campaign.pledge.pk])))
        cells = [cell.strip() for cell in re.findall(r"<td>(.*?)</td>", shown, flags=re.DOTALL)]
        assert cells[-3:] == ["Peace Union", '<code dir="ltr">?source=peace-union</code>', "1"]

    @pytest.mark.requirement("RE4")
    @pytest.mark.parametrize("invalid", [{"slug": "Peace Union"}, {"slug": "ü"}, {"name": ""}])
    def test_invalid_partner_links_give_an_error(
        self, log_in: Login, our_campaign: Campaign, invalid: dict[str, str]
    ) -> None:
        row = {"slug": "peace-union", "name": "Peace Union", **invalid}
        answer = log_in("manager").post(
            edit(our_campaign.pledge), pledge_data(our_campaign, **inline("partner_links", row))
        )
        assert answer.context["form"].formsets["partner_links"].errors != [{}]
        assert not PartnerLink.objects.exists()

    @pytest.mark.requirement("CP6")
    @pytest.mark.parametrize(("state", "taken"), [("draft", True), ("open", True), ("won", False), ("lost", False)])
    def test_a_new_pledge_starts_as_draft_or_open(
        self, log_in: Login, our_campaign: Campaign, state: str, taken: bool
    ) -> None:
        data = pledge_data(our_campaign, title="Another", state=state)
        log_in("manager").post(reverse("wagtail_pledge_pledges:add"), data)
        assert list(Pledge.objects.filter(title="Another").values_list("state", flat=True)) == [state] * taken

    @pytest.mark.requirement("CP6")
    def test_an_ended_pledge_rejects_a_closing_time_in_the_future(self, log_in: Login, our_campaign: Campaign) -> None:
        client, data = log_in("manager"), pledge_data(our_campaign, closes_at="2100-01-01 10:00")
        Pledge.objects.filter(pk=our_campaign.pledge.pk).update(state=PledgeState.CLOSED)
        assert list(client.post(edit(our_campaign.pledge), data).context["form"].errors) == ["closes_at"]
        assert client.post(edit(our_campaign.pledge), {**data, "closes_at": "2020-01-01 10:00"}).status_code == 302

    def test_a_new_pledge_can_be_signed_immediately(self, log_in: Login, our_campaign: Campaign) -> None:
        data = pledge_data(our_campaign, title="Another")
        assert log_in("manager").post(reverse("wagtail_pledge_pledges:add"), data).status_code == 302
        assert [kind.kind for kind in Pledge.objects.get(title="Another").signer_types.all()] == ["individual"]

    @pytest.mark.requirement("ED3")
    def test_another_teams_collection_is_neither_offered_nor_accepted(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        client = log_in("manager")
        form = client.get(edit(our_campaign.pledge)).context["form"]
        assert set(form.fields["collection"].queryset) == {our_campaign.collection}
        answer = client.post(
            edit(our_campaign.pledge), pledge_data(our_campaign, collection=other_campaign.collection.pk)
        )
        assert "collection" in answer.context["form"].errors
        our_campaign.pledge.refresh_from_db()
        assert our_campaign.pledge.collection == our_campaign.collection

    @pytest.mark.parametrize(("role", "links"), [("viewer", False), ("manager", True)])
    @pytest.mark.parametrize("view", ["edit", "delete"])
    def test_links_are_shown_only_to_users_with_the_permission(
        self, log_in: Login, our_campaign: Campaign, role: str, links: bool, view: str
    ) -> None:
        client = log_in(role)
        pages = text(client.get(reverse("wagtail_pledge_pledges:index")))
        pages += text(client.get(reverse("wagtail_pledge_pledges:inspect", args=[our_campaign.pledge.pk])))
        assert (reverse(f"wagtail_pledge_pledges:{view}", args=[our_campaign.pledge.pk]) in pages) is links

    @pytest.mark.parametrize(
        "form_url",
        [lambda campaign: edit(campaign.pledge), lambda _campaign: reverse("wagtail_pledge_signer_types:add")],
        ids=["pledge", "signer type"],
    )
    def test_labels_start_with_a_capital(
        self, log_in: Login, our_campaign: Campaign, form_url: Callable[[Campaign], str]
    ) -> None:
        labels = [str(field.label) for field in log_in("manager").get(form_url(our_campaign)).context["form"]]
        assert labels
        assert [label for label in labels if label != label[:1].upper() + label[1:]] == []


class TestSignerTypes:
    def test_kinds_are_capitalized_and_an_unregistered_one_is_shown_by_its_slug(
        self, log_in: Login, our_campaign: Campaign
    ) -> None:
        SignerType.objects.filter(pk=SignerTypeFactory(pledge=our_campaign.pledge).pk).update(kind="retired")
        page = text(log_in("manager").get(reverse("wagtail_pledge_signer_types:index")))
        found = set(re.findall(r"<td[^>]*>\s*(\w+)\s*</td>", page))
        assert {"Individual", "Organization", "retired"} <= found
        assert not {"individual", "organization", "Retired"} & found

    def test_kind_and_pledge_can_not_be_changed(self, log_in: Login, our_campaign: Campaign) -> None:
        row = our_campaign.person.signer_type
        other = PledgeFactory(collection=our_campaign.collection)
        data = {"pledge": other.pk, "kind": "organization", "name": "People", "position": 3, "approval_required": "on"}
        assert log_in("manager").post(edit(row), data).status_code == 302
        row.refresh_from_db()
        assert (row.pledge, row.kind, row.name, row.approval_required) == (
            our_campaign.pledge,
            "individual",
            "People",
            True,
        )

    def test_a_signer_type_of_an_unregistered_kind_can_be_edited(self, log_in: Login, our_campaign: Campaign) -> None:
        row = SignerTypeFactory(pledge=our_campaign.pledge)
        SignerType.objects.filter(pk=row.pk).update(kind="retired")
        data = {"name": "Old way", "position": 0}
        assert log_in("manager").post(edit(row), data).status_code == 302
        row.refresh_from_db()
        assert (row.kind, row.name) == ("retired", "Old way")

    @pytest.mark.requirement("ED3")
    def test_a_signer_type_can_not_be_added_to_another_teams_pledge(
        self, log_in: Login, other_campaign: Campaign
    ) -> None:
        data = {"pledge": other_campaign.pledge.pk, "kind": "individual", "position": 0}
        answer = log_in("manager").post(reverse("wagtail_pledge_signer_types:add"), data)
        assert list(answer.context["form"].errors) == ["pledge"]
        assert SignerType.objects.filter(pledge=other_campaign.pledge).count() == 2


@pytest.mark.requirement("ED3")
class TestOrganizations:
    @staticmethod
    def approved(campaign: Campaign, name: str) -> Any:
        signature = SignatureFactory(
            pledge=campaign.pledge, kind="organization", organization=name, approval=Approval.APPROVED
        )
        return signature.organization

    def test_renaming_an_organization_updates_its_match_key(self, log_in: Login, our_campaign: Campaign) -> None:
        organization = self.approved(our_campaign, "Ünion")
        address = reverse("wagtail_pledge_organizations:edit", args=[organization.pk])
        data = {"name": "Grand Ünion", "website": "https://www.Union.example/about", "country": "ES", "city": ""}
        assert log_in("moderator").post(address, data).status_code == 302
        organization.refresh_from_db()
        assert (organization.folded_name, organization.host) == ("grand union", "union.example")

    def test_an_organization_that_signed_another_teams_pledge_is_read_only(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        shared = self.approved(our_campaign, "Shared Union")
        assert self.approved(other_campaign, "Shared Union") == shared
        client = log_in("moderator")
        page = text(client.get(reverse("wagtail_pledge_organizations:index")))
        address = reverse("wagtail_pledge_organizations:edit", args=[shared.pk])
        assert "Shared Union" in page
        assert address not in page
        assert outcome(client.post(address, {"name": "Mine"})) == "denied"

    def test_search_finds_only_the_teams_own_organizations(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        self.approved(our_campaign, "Union North")
        self.approved(other_campaign, "Union South")
        answer = log_in("moderator").get(reverse("wagtail_pledge_organizations:index"), {"q": "union"})
        assert [row.name for row in answer.context["object_list"]] == ["Union North"]


class TestPageButton:
    def test_the_button_links_from_the_pages_to_the_pledge(self, log_in: Login, pages: tuple[Any, Any]) -> None:
        client = log_in("superuser")
        for page in pages:
            shown = text(client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
            assert "Campaign: dates, goal, signatures" in shown
            assert edit(pages[0].pledge) in shown

    def test_other_pages_have_no_button(self, log_in: Login, pages: tuple[Any, Any]) -> None:
        home = pages[0].get_parent()
        shown = text(log_in("superuser").get(reverse("wagtailadmin_pages:edit", args=[home.pk])))
        assert "Campaign: " not in shown

    @pytest.mark.parametrize(
        ("rights", "has_form", "has_signatures"),
        [
            ([PledgePermission.CHANGE], True, False),
            ([PledgePermission.MODERATE], False, True),
            ([], False, False),
        ],
        ids=["manager", "moderator", "other"],
    )
    def test_the_button_links_to_a_view_that_the_user_may_open(
        self,
        make_user: MakeUser,
        client: Client,
        our_campaign: Campaign,
        pages: tuple[Any, Any],
        rights: list[PledgePermission],
        has_form: bool,
        has_signatures: bool,
    ) -> None:
        page = pages[0]
        Pledge.objects.filter(pk=page.pledge_id).update(collection=our_campaign.collection)
        user = make_user("editor of pages", our_campaign.collection, *rights)
        user.groups.add(Group.objects.get(name="Moderators"))
        client.force_login(user)
        shown = text(client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
        assert "Ratify" in shown
        assert ("Campaign: " in shown) is (has_form or has_signatures)
        assert (edit(page.pledge) in shown) is has_form
        assert (f"/admin/pledge-signatures/?pledge={page.pledge_id}" in shown) is has_signatures
