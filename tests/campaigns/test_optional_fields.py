"""Which fields are asked, on its way: from the editor's form to the page, from the signer's form to the ledger."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.forms import sign_form_in
from tests.journey import fresh, sign, sign_url, signatures
from tests.projects.campaign import publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.models import Pledge, Statement

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7")]

OPTIONAL = {"postal_code", "city", "display", "comment", "updates"}
TYPED = {"postal_code": "94612", "city": "Oakland", "comment": "For my mother", "updates": "on"}
NEEDED = "Enter your ZIP code, like 94612"


def choose(page: Any, **asking: str) -> Any:
    """Publish ``page`` with these choices."""
    page.asking = asking
    page.save_revision().publish()
    return type(page)._default_manager.get(pk=page.pk)


def asked(client: Client, page: Any) -> set[str]:
    """Return what is asked besides what always is."""
    always = {"name", "email", "country", "statement", "stamp", "source", "middle_name"}
    return sign_form_in(client.get(page.url).content).names - always


def newest(page: Any) -> Statement:
    found = Statement.objects.filter(signer_type=page.signer_type).order_by("-number").first()
    assert found is not None
    return found


def post_json(client: Client, page: Any, **values: Any) -> Any:
    body = json.dumps({**fresh(page), **values})
    return client.post(sign_url(page), body, content_type="application/json")


class TestPages:
    def test_untouched_switches_ask_everything(self, client: Client, campaign, individual) -> None:
        assert asked(client, campaign) == asked(client, individual) == OPTIONAL
        assert newest(individual).asking == {}

    @pytest.mark.parametrize("field", sorted(OPTIONAL))
    def test_the_campaigns_page_decides_for_every_way_to_sign(
        self, client: Client, campaign, individual, organization, field: str
    ) -> None:
        before = asked(client, organization)
        choose(campaign, **{field: "left_out"})
        assert asked(client, campaign) == asked(client, individual) == OPTIONAL - {field}
        away = {field} | ({"display"} if field == "city" else set())
        assert asked(client, organization) == before - away

    def test_a_campaign_without_a_page_for_its_way_to_sign_decides_too(self, client: Client, campaign) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        assert asked(client, campaign) == OPTIONAL - {"city"}

    def test_one_way_to_sign_decides_otherwise(self, client: Client, campaign, individual, organization) -> None:
        choose(campaign, city="left_out", comment="left_out")
        choose(individual, city="optional", updates="left_out")
        assert asked(client, individual) == asked(client, campaign) == OPTIONAL - {"comment", "updates"}
        assert "city" not in asked(client, organization)
        assert "updates" in asked(client, organization)

    def test_only_the_forms_that_change_get_a_new_version(self, campaign, individual, organization) -> None:
        numbers = newest(individual).number, newest(organization).number
        choose(campaign, comment="left_out")
        assert newest(individual).number == numbers[0] + 1
        assert newest(individual).asking == {"comment": "left_out"}
        assert newest(organization).number == numbers[1]
        choose(campaign, comment="left_out")
        assert newest(individual).number == numbers[0] + 1

    def test_nobody_agrees_to_what_is_not_asked(self, campaign, individual) -> None:
        assert set(newest(individual).consent) == {"sign", "updates"}
        choose(campaign, updates="left_out")
        assert set(newest(individual).consent) == {"sign"}

    def test_each_language_has_its_own_page_and_choice(self, campaign, individual) -> None:
        locale, _made = Locale.objects.get_or_create(language_code="es")
        if not campaign.get_parent().get_translations().filter(locale=locale).exists():
            campaign.get_parent().specific.copy_for_translation(locale).save_revision().publish()
        spanish = choose(campaign, city="left_out").copy_for_translation(locale)
        spanish.save_revision().publish()
        choose(campaign)
        in_spanish = Statement.objects.get(signer_type=individual.signer_type, locale="es")
        assert (in_spanish.asking, newest(individual).asking) == ({"city": "left_out"}, {})


class TestSigning:
    def test_what_is_not_asked_is_not_kept(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, **dict.fromkeys(OPTIONAL, "left_out"))
        sent = {**person, **TYPED, "display": "name"}
        assert client.post(sign_url(individual), fresh(individual, **sent)).status_code == 303
        signature = signatures().get()
        assert (signature.details, signature.answers) == ({}, {})
        assert (signature.display, signature.consent_display, signature.consent_updates) == (
            Display.HIDDEN,
            False,
            False,
        )

    def test_nor_through_the_json_door(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, city="left_out", comment="left_out")
        assert post_json(client, individual, **{**person, **TYPED}).status_code == 202
        assert signatures().get().details == {"postal_code": "94612"}

    def test_an_organization_that_is_not_asked_shows_with_its_city(self, client: Client, organization) -> None:
        choose(organization, display="left_out")
        house = {"organization": "Casa", "country": "US", "city": "Fresno", "name": "Rosa Ruiz", "role": "Director"}
        sent = fresh(organization, **house, email="rosa@casa.example", authorized="on", display="name")
        assert client.post(sign_url(organization), sent).status_code == 303
        assert signatures().get().display == Display.NAME_PLACE

    def test_without_javascript_the_shorter_form_signs(self, client: Client, campaign, individual) -> None:
        choose(campaign, **dict.fromkeys(OPTIONAL, "left_out"))
        few = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
        assert sign(client, campaign.url, **few).status_code == 303
        assert signatures().get().name == "Ana María López"

    def test_who_had_the_form_open_sees_the_new_one_with_everything_kept(
        self, client: Client, campaign, individual, person
    ) -> None:
        form = fresh(individual, **person, **TYPED)
        client.post(sign_url(individual), {**form, "email": "first@example.org"})
        choose(campaign, city="left_out", postal_code="needed")
        answer = client.post(sign_url(individual), form)
        assert answer.status_code == 200
        assert "The text has changed" in answer.content.decode()
        again = sign_form_in(answer.content)
        assert "city" not in again.names
        kept = {name: again.data[name].strip() for name in ("name", "postal_code", "comment", "updates")}
        assert kept == {"name": person["name"], "postal_code": "94612", "comment": "For my mother", "updates": "on"}
        assert client.post(again.action, again.data).status_code == 303
        first, second = signatures().order_by("pk")
        assert (first.details["city"], "city" in second.details) == ("Oakland", False)
        assert (first.statement.asking, second.statement.asking) == (
            {},
            {"city": "left_out", "postal_code": "needed"},
        )

    def test_the_sign_path_runs_not_one_statement_more(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        url, form = sign_url(individual), fresh(individual, **person, postal_code="94612")
        with CaptureQueriesContext(connection) as captured:
            assert client.post(url, form).status_code == 303
        statements = [query["sql"].split()[0] for query in captured.captured_queries]
        assert statements == ["SELECT", "SAVEPOINT", "INSERT", "INSERT", "RELEASE"]

    def test_the_page_runs_not_one_query_more(self, client: Client, campaign, individual) -> None:
        def queries() -> int:
            client.get(campaign.url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(campaign.url).status_code == 200
            return len(captured)

        before = queries()
        choose(campaign, city="left_out", postal_code="needed")
        assert queries() == before


class TestNeeded:
    @pytest.fixture
    def needed(self, campaign, individual) -> Any:
        Pledge.objects.update(country="US")
        choose(campaign, postal_code="needed")
        return individual

    def test_the_page_says_for_whom(self, client: Client, needed) -> None:
        html = client.get(needed.url).content.decode()
        assert "ZIP or postcode</label>" in html
        assert "Needed in: United States" in html

    def test_without_javascript_the_words_stand_beside_the_field(self, client: Client, needed, person) -> None:
        form = sign_form_in(client.get(needed.url).content)
        answer = client.post(form.action, form.filled(**person))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'<a href="#sign-postal_code">{NEEDED}</a>' in html
        assert html.count(NEEDED) == 2
        assert sign_form_in(html).data["name"] == person["name"]
        assert not signatures().exists()

    def test_the_json_door_names_the_field(self, client: Client, needed, person) -> None:
        answer = post_json(client, needed, **person)
        assert answer.status_code == 422
        assert answer.json()["errors"] == {"postal_code": [NEEDED]}

    def test_abroad_nobody_needs_it(self, client: Client, needed, person) -> None:
        assert post_json(client, needed, **{**person, "country": "MX"}).status_code == 202
        assert signatures().get().details == {}


class TestEditor:
    @pytest.fixture
    def editor(self, client: Client) -> Client:
        client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
        return client

    def typed(self, page: Any, **more: Any) -> dict[str, str]:
        campaign = ("kicker", "lead", "image", "statement", "privacy_note", "body")
        way = ("kind", "intro", "questions", "consent_sign", "consent_updates", "consent_authority")
        way += ("confirmation_subject", "confirmation_text")
        rich = {"statement", "privacy_note", "intro"}
        values: dict[str, Any] = {"title": page.title, "slug": page.slug, "thanks_text": rich_text("")}
        for name in campaign if isinstance(page, PledgePage) else way:
            values[name] = getattr(page, name) or ""
            values[name] = rich_text(values[name]) if name in rich else values[name]
        streams = {name: streamfield([]) for name in ("body", "questions") if name in values}
        empty = dict.fromkeys(("button_text", "thanks_heading", "seo_title", "search_description"), "")
        comments = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
        return nested_form_data({**empty, **values, **streams, "comments": comments, **more})

    def edit(self, page: Any) -> str:
        return reverse("wagtailadmin_pages:edit", args=[page.pk])

    def options(self, editor: Client, url: str) -> dict[str, list[str]]:
        """Return the words of each choice by field."""
        html = editor.get(url).content.decode()
        selects = re.findall(r'<select name="asking-(\w+)" [^>]*>(.*?)</select>', html, re.DOTALL)
        return {name: re.findall(r"<option[^>]*>(.*?)</option>", inside) for name, inside in selects}

    def test_the_form_tab_offers_a_choice_for_each_field_and_says_what_it_costs(self, editor: Client, campaign) -> None:
        offered = self.options(editor, self.edit(campaign))
        either = ["Asked", "Not asked"]
        assert offered == {
            **dict.fromkeys(("city", "display", "comment", "updates", "website"), either),
            "postal_code": [*either, "Needed in the campaign’s country"],
        }
        html = editor.get(self.edit(campaign)).content.decode()
        for words in ("Each further field loses people", "Four answers to weigh up", "Organization:"):
            assert words in html
        for name in offered:
            assert f'<label class="w-field__label" for="id_asking-{name}">' in html

    def test_a_way_to_sign_offers_its_own_kinds_fields_and_says_what_holds(
        self, editor: Client, campaign, individual, organization
    ) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        offered = self.options(editor, self.edit(organization))
        assert set(offered) == {"website", "city", "display", "updates"}
        assert [words[0] for words in offered.values()] == [
            "As on the campaign’s page: Asked",
            "As on the campaign’s page: Not asked",
            "As on the campaign’s page: Not asked",
            "As on the campaign’s page: Asked",
        ]
        mine = self.options(editor, self.edit(individual))
        assert mine["postal_code"] == [
            "As on the campaign’s page: Needed in the campaign’s country",
            "Asked",
            "Not asked",
            "Needed in the campaign’s country",
        ]

    def test_a_new_way_to_sign_offers_every_kinds_fields(self, editor: Client, campaign) -> None:
        choose(campaign, city="left_out")
        url = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        offered = self.options(editor, url)
        assert set(offered) == OPTIONAL | {"website"}
        assert offered["city"][0] == "As on the campaign’s page: Not asked"

    def test_a_new_way_to_sign_is_published_with_its_choice(self, editor: Client, campaign, individual) -> None:
        url = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        new = SignerTypePage(title="For organizations", slug="organizations", kind="organization")
        chosen = {"asking-website": "left_out", "asking-comment": "left_out", "action-publish": "Publish"}
        assert editor.post(url, self.typed(new, **chosen)).status_code == 302
        made = SignerTypePage.objects.get(slug="organizations")
        assert newest(made).asking == {"website": "left_out"}
        assert newest(individual).asking == {}

    def test_what_an_editor_chooses_holds_once_published(self, editor: Client, campaign, individual) -> None:
        chosen = {"asking-city": "left_out", "asking-postal_code": "needed", "asking-comment": "", "asking-name": "x"}
        form = self.typed(campaign, **chosen, **{"action-publish": "Publish"})
        assert editor.post(self.edit(campaign), form).status_code == 302
        page = PledgePage.objects.get(pk=campaign.pk)
        assert page.asking == {"city": "left_out", "postal_code": "needed"}
        assert newest(individual).asking == page.asking
        html = editor.get(self.edit(campaign)).content.decode()
        assert html.count('<option value="left_out" selected>') == html.count('<option value="needed" selected>') == 1

    def test_a_way_to_sign_keeps_its_own_choice(self, editor: Client, campaign, individual) -> None:
        choose(campaign, city="left_out")
        form = self.typed(individual, **{"asking-city": "optional", "action-publish": "Publish"})
        assert editor.post(self.edit(individual), form).status_code == 302
        assert SignerTypePage.objects.get(pk=individual.pk).asking == {"city": "optional"}
        assert newest(individual).asking == {}

    @pytest.mark.parametrize("sent", ["perhaps", "[]", '{"a": 1}', "needed\x00"])
    def test_what_is_no_choice_is_none(self, editor: Client, campaign, sent: str) -> None:
        form = self.typed(campaign, **{"asking-city": sent})
        assert editor.post(self.edit(campaign), form).status_code == 302
        assert PledgePage.objects.get(pk=campaign.pk).get_latest_revision_as_object().asking == {}

    def test_a_form_without_the_choices_changes_nothing(self, editor: Client, campaign) -> None:
        choose(campaign, city="left_out")
        form = self.typed(campaign, **{"action-publish": "Publish"})
        assert editor.post(self.edit(campaign), form).status_code == 302
        assert PledgePage.objects.get(pk=campaign.pk).asking == {"city": "left_out"}

    @pytest.mark.parametrize("mode", ["", "errors"])
    def test_the_preview_shows_the_draft_and_freezes_nothing(
        self, editor: Client, campaign, individual, mode: str
    ) -> None:
        before = Statement.objects.count()
        choices = {"asking-city": "left_out", "asking-comment": "left_out"}
        for page in (campaign, individual):
            preview = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
            assert editor.post(preview, self.typed(page, **choices)).json()["is_valid"]
            names = sign_form_in(editor.get(preview, {"mode": mode}).content).names
            assert names & OPTIONAL == OPTIONAL - {"city", "comment"}
        assert Statement.objects.count() == before
        assert PledgePage.objects.get(pk=campaign.pk).asking == {}

    def test_the_preview_of_a_way_to_sign_starts_from_the_campaigns_choice(
        self, editor: Client, campaign, individual
    ) -> None:
        choose(campaign, city="left_out", comment="left_out")
        preview = reverse("wagtailadmin_pages:preview_on_edit", args=[individual.pk])
        assert editor.post(preview, self.typed(individual, **{"asking-city": "optional"})).json()["is_valid"]
        assert sign_form_in(editor.get(preview).content).names & OPTIONAL == OPTIONAL - {"comment"}

    def test_two_revisions_are_compared_in_words(self, editor: Client, campaign) -> None:
        before = campaign.save_revision()
        campaign.asking = {"city": "left_out"}
        after = campaign.save_revision()
        url = reverse("wagtailadmin_pages:revisions_compare", args=[campaign.pk, before.pk, after.pk])
        html = editor.get(url).content.decode()
        assert "City or town: Not asked" in html
        assert "left_out" not in html

    @pytest.mark.requirement("CP10")
    def test_the_record_of_a_statement_says_what_was_asked(self, editor: Client, campaign, individual) -> None:
        url = reverse("wagtail_pledge_statements:inspect", args=[newest(individual).pk])
        assert "What the form asks" not in editor.get(url).content.decode()
        choose(campaign, city="left_out", postal_code="needed")
        html = editor.get(reverse("wagtail_pledge_statements:inspect", args=[newest(individual).pk])).content.decode()
        for words in ("What the form asks", "City or town", "Not asked", "Needed in the campaign’s country"):
            assert words in html

    def test_a_copy_keeps_the_choice(self, campaign) -> None:
        choose(campaign, city="left_out")
        made: Any = publish(campaign.get_parent().specific, PledgePage(title="Other", slug="other"))
        assert made.asking == {}
        copied = PledgePage.objects.get(pk=campaign.pk).copy(update_attrs={"slug": "copied", "title": "Copied"})
        assert copied.asking == {"city": "left_out"}
        assert copied.pledge_id != campaign.pledge_id
