"""Optional form fields: the editor's choice, the form on the page, and the stored signature."""

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
from tests.journey import fresh, sign, sign_url, submissions, submitted
from tests.projects.campaign import publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.models import Pledge, Statement

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7")]

OPTIONAL = {"postal_code", "city", "display", "comment", "updates"}
VALUES = {"postal_code": "94612", "city": "Oakland", "comment": "For my mother", "updates": "on"}
REQUIRED_MESSAGE = "Enter your ZIP code, like 94612"


def choose(page: Any, **optional_fields: str) -> Any:
    """Publish ``page`` with these choices."""
    page.optional_fields = optional_fields
    page.save_revision().publish()
    return type(page)._default_manager.get(pk=page.pk)


def fields_in_form(client: Client, page: Any) -> set[str]:
    """Return the names of the optional fields of the form."""
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
    def test_all_fields_are_shown_by_default(self, client: Client, campaign, individual) -> None:
        assert fields_in_form(client, campaign) == fields_in_form(client, individual) == OPTIONAL
        assert newest(individual).optional_fields == {}

    @pytest.mark.parametrize("field", sorted(OPTIONAL))
    def test_the_choice_of_the_campaign_page_applies_to_every_form(
        self, client: Client, campaign, individual, organization, field: str
    ) -> None:
        before = fields_in_form(client, organization)
        choose(campaign, **{field: "left_out"})
        assert fields_in_form(client, campaign) == fields_in_form(client, individual) == OPTIONAL - {field}
        hidden = {field} | ({"display"} if field == "city" else set())
        assert fields_in_form(client, organization) == before - hidden

    def test_the_choice_applies_without_a_signer_type_page(self, client: Client, campaign) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        assert fields_in_form(client, campaign) == OPTIONAL - {"city"}

    def test_a_signer_type_page_can_override_the_choice(
        self, client: Client, campaign, individual, organization
    ) -> None:
        choose(campaign, city="left_out", comment="left_out")
        choose(individual, city="optional", updates="left_out")
        assert (
            fields_in_form(client, individual) == fields_in_form(client, campaign) == OPTIONAL - {"comment", "updates"}
        )
        assert "city" not in fields_in_form(client, organization)
        assert "updates" in fields_in_form(client, organization)

    def test_only_changed_forms_get_a_new_statement(self, campaign, individual, organization) -> None:
        numbers = newest(individual).number, newest(organization).number
        choose(campaign, comment="left_out")
        assert newest(individual).number == numbers[0] + 1
        assert newest(individual).optional_fields == {"comment": "left_out"}
        assert newest(organization).number == numbers[1]
        choose(campaign, comment="left_out")
        assert newest(individual).number == numbers[0] + 1

    def test_consent_texts_are_stored_for_shown_fields_only(self, campaign, individual) -> None:
        assert set(newest(individual).consent) == {"sign", "updates"}
        choose(campaign, updates="left_out")
        assert set(newest(individual).consent) == {"sign"}

    def test_each_translation_has_its_own_choice(self, campaign, individual) -> None:
        locale, _made = Locale.objects.get_or_create(language_code="es")
        if not campaign.get_parent().get_translations().filter(locale=locale).exists():
            campaign.get_parent().specific.copy_for_translation(locale).save_revision().publish()
        spanish = choose(campaign, city="left_out").copy_for_translation(locale)
        spanish.save_revision().publish()
        choose(campaign)
        in_spanish = Statement.objects.get(signer_type=individual.signer_type, locale="es")
        assert (in_spanish.optional_fields, newest(individual).optional_fields) == ({"city": "left_out"}, {})


class TestSigning:
    def test_values_of_hidden_fields_are_not_stored(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, **dict.fromkeys(OPTIONAL, "left_out"))
        sent = {**person, **VALUES, "display": "name"}
        assert client.post(sign_url(individual), fresh(individual, **sent)).status_code == 303
        signature = submitted()
        assert (signature.details, signature.answers) == ({}, {})
        assert (signature.display, signature.consent_display, signature.consent_updates) == (
            Display.HIDDEN,
            False,
            False,
        )

    def test_json_values_of_hidden_fields_are_not_stored(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, city="left_out", comment="left_out")
        assert post_json(client, individual, **{**person, **VALUES}).status_code == 202
        assert submitted().details == {"postal_code": "94612"}

    def test_the_default_display_of_an_organization_has_its_city(self, client: Client, organization) -> None:
        choose(organization, display="left_out")
        values = {"organization": "Casa", "country": "US", "city": "Fresno", "name": "Rosa Ruiz", "role": "Director"}
        sent = fresh(organization, **values, email="rosa@casa.example", authorized="on", display="name")
        assert client.post(sign_url(organization), sent).status_code == 303
        assert submitted().display == Display.NAME_PLACE

    def test_the_shorter_form_works_without_javascript(self, client: Client, campaign, individual) -> None:
        choose(campaign, **dict.fromkeys(OPTIONAL, "left_out"))
        required = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
        assert sign(client, campaign.url, **required).status_code == 303
        assert submitted().name == "Ana María López"

    def test_an_outdated_form_is_shown_again_with_its_values(
        self, client: Client, campaign, individual, person
    ) -> None:
        form = fresh(individual, **person, **VALUES)
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
        first, second = (submitted(pk=row.pk) for row in submissions().order_by("created_at"))
        assert (first.details["city"], "city" in second.details) == ("Oakland", False)
        assert (first.statement.optional_fields, second.statement.optional_fields) == (
            {},
            {"city": "left_out", "postal_code": "needed"},
        )

    def test_signing_needs_no_more_statements(self, client: Client, campaign, individual, person) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        url, form = sign_url(individual), fresh(individual, **person, postal_code="94612")
        with CaptureQueriesContext(connection) as captured:
            assert client.post(url, form).status_code == 303
        statements = [query["sql"].split()[0] for query in captured.captured_queries]
        # The statement, unless it was read in the last two seconds
        assert statements == ["SELECT", "INSERT"]

    def test_the_page_needs_no_more_queries(self, client: Client, campaign, individual) -> None:
        def queries() -> int:
            client.get(campaign.url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(campaign.url).status_code == 200
            return len(captured)

        before = queries()
        choose(campaign, city="left_out", postal_code="needed")
        assert queries() == before


class TestRequiredPostalCode:
    @pytest.fixture
    def page_with_required_postal_code(self, campaign, individual) -> Any:
        Pledge.objects.update(country="US")
        choose(campaign, postal_code="needed")
        return individual

    def test_the_page_shows_for_which_country_it_is_required(
        self, client: Client, page_with_required_postal_code
    ) -> None:
        html = client.get(page_with_required_postal_code.url).content.decode()
        assert "ZIP or postal code</label>" in html
        assert "Required in: United States" in html

    def test_the_error_is_at_the_field_without_javascript(
        self, client: Client, page_with_required_postal_code, person
    ) -> None:
        form = sign_form_in(client.get(page_with_required_postal_code.url).content)
        answer = client.post(form.action, form.filled(**person))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'<a href="#sign-postal_code">{REQUIRED_MESSAGE}</a>' in html
        assert html.count(REQUIRED_MESSAGE) == 2
        assert sign_form_in(html).data["name"] == person["name"]
        assert not submissions().exists()

    def test_the_json_response_names_the_field(self, client: Client, page_with_required_postal_code, person) -> None:
        answer = post_json(client, page_with_required_postal_code, **person)
        assert answer.status_code == 422
        assert answer.json()["errors"] == {"postal_code": [REQUIRED_MESSAGE]}

    def test_it_is_optional_in_other_countries(self, client: Client, page_with_required_postal_code, person) -> None:
        assert post_json(client, page_with_required_postal_code, **{**person, "country": "MX"}).status_code == 202
        assert submitted().details == {}


class TestEditor:
    @pytest.fixture
    def editor(self, client: Client) -> Client:
        client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
        return client

    def form_data(self, page: Any, **more: Any) -> dict[str, str]:
        campaign = ("asker", "asker_logo", "addressee", "lead", "image", "statement", "privacy_note", "body")
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
        """Return the labels of the choices by field."""
        html = editor.get(url).content.decode()
        selects = re.findall(r'<select name="optional_fields-(\w+)" [^>]*>(.*?)</select>', html, re.DOTALL)
        return {name: re.findall(r"<option[^>]*>(.*?)</option>", inside) for name, inside in selects}

    def test_the_form_tab_has_a_choice_for_each_field_with_advice(self, editor: Client, campaign, organization) -> None:
        offered = self.options(editor, self.edit(campaign))
        either = ["Asked", "Not asked"]
        assert offered == {
            **dict.fromkeys(("city", "display", "comment", "updates", "website"), either),
            "postal_code": [*either, "Required in the campaign’s country"],
        }
        html = editor.get(self.edit(campaign)).content.decode()
        for label in ("Each extra field loses people", "choose how their name appears", "Organization:"):
            assert label in html
        for name in offered:
            assert f'<label class="w-field__label" for="id_optional_fields-{name}">' in html

    def test_the_form_tab_leaves_out_kinds_that_cannot_sign_the_campaign(self, editor: Client, campaign) -> None:
        assert set(self.options(editor, self.edit(campaign))) == OPTIONAL
        assert "Organization:" not in editor.get(self.edit(campaign)).content.decode()

    def test_a_choice_for_a_kind_that_cannot_sign_any_more_is_kept(self, editor: Client, campaign) -> None:
        choose(campaign, website="left_out")
        html = editor.get(self.edit(campaign)).content.decode()
        assert '<input type="hidden" name="optional_fields-website" value="left_out">' in html
        kept = {"optional_fields-website": "left_out", "optional_fields-city": "left_out"}
        editor.post(self.edit(campaign), self.form_data(campaign, **kept, **{"action-publish": "Publish"}))
        assert PledgePage.objects.get().optional_fields == {"website": "left_out", "city": "left_out"}

    def test_a_new_campaign_page_offers_the_fields_of_individuals(self, editor: Client, campaign) -> None:
        url = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "pledgepage", campaign.get_parent().pk])
        assert set(self.options(editor, url)) == OPTIONAL

    def test_a_signer_type_page_offers_its_kinds_fields_and_shows_the_inherited_choice(
        self, editor: Client, campaign, individual, organization
    ) -> None:
        choose(campaign, city="left_out", postal_code="needed")
        offered = self.options(editor, self.edit(organization))
        assert set(offered) == {"website", "city", "display", "updates"}
        assert [label[0] for label in offered.values()] == [
            "As on the campaign page: Asked",
            "As on the campaign page: Not asked",
            "As on the campaign page: Not asked",
            "As on the campaign page: Asked",
        ]
        mine = self.options(editor, self.edit(individual))
        assert mine["postal_code"] == [
            "As on the campaign page: Required in the campaign’s country",
            "Asked",
            "Not asked",
            "Required in the campaign’s country",
        ]

    def test_a_new_signer_type_page_offers_the_fields_of_all_kinds(self, editor: Client, campaign) -> None:
        choose(campaign, city="left_out")
        url = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        offered = self.options(editor, url)
        assert set(offered) == OPTIONAL | {"website"}
        assert offered["city"][0] == "As on the campaign page: Not asked"

    def test_a_new_signer_type_page_is_published_with_its_choice(self, editor: Client, campaign, individual) -> None:
        url = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        new = SignerTypePage(title="For organizations", slug="organizations", kind="organization")
        chosen = {
            "optional_fields-website": "left_out",
            "optional_fields-comment": "left_out",
            "action-publish": "Publish",
        }
        assert editor.post(url, self.form_data(new, **chosen)).status_code == 302
        made = SignerTypePage.objects.get(slug="organizations")
        assert newest(made).optional_fields == {"website": "left_out"}
        assert newest(individual).optional_fields == {}

    def test_a_choice_applies_once_published(self, editor: Client, campaign, individual) -> None:
        chosen = {
            "optional_fields-city": "left_out",
            "optional_fields-postal_code": "needed",
            "optional_fields-comment": "",
            "optional_fields-name": "x",
        }
        form = self.form_data(campaign, **chosen, **{"action-publish": "Publish"})
        assert editor.post(self.edit(campaign), form).status_code == 302
        page = PledgePage.objects.get(pk=campaign.pk)
        assert page.optional_fields == {"city": "left_out", "postal_code": "needed"}
        assert newest(individual).optional_fields == page.optional_fields
        html = editor.get(self.edit(campaign)).content.decode()
        assert html.count('<option value="left_out" selected>') == html.count('<option value="needed" selected>') == 1

    def test_a_signer_type_page_stores_its_own_choice(self, editor: Client, campaign, individual) -> None:
        choose(campaign, city="left_out")
        form = self.form_data(individual, **{"optional_fields-city": "optional", "action-publish": "Publish"})
        assert editor.post(self.edit(individual), form).status_code == 302
        assert SignerTypePage.objects.get(pk=individual.pk).optional_fields == {"city": "optional"}
        assert newest(individual).optional_fields == {}

    @pytest.mark.parametrize("sent", ["perhaps", "[]", '{"a": 1}', "needed\x00"])
    def test_an_invalid_choice_is_ignored(self, editor: Client, campaign, sent: str) -> None:
        form = self.form_data(campaign, **{"optional_fields-city": sent})
        assert editor.post(self.edit(campaign), form).status_code == 302
        assert PledgePage.objects.get(pk=campaign.pk).get_latest_revision_as_object().optional_fields == {}

    def test_a_form_without_the_choices_keeps_them(self, editor: Client, campaign) -> None:
        choose(campaign, city="left_out")
        form = self.form_data(campaign, **{"action-publish": "Publish"})
        assert editor.post(self.edit(campaign), form).status_code == 302
        assert PledgePage.objects.get(pk=campaign.pk).optional_fields == {"city": "left_out"}

    @pytest.mark.parametrize("mode", ["", "errors"])
    def test_the_preview_shows_the_draft_and_creates_no_statement(
        self, editor: Client, campaign, individual, mode: str
    ) -> None:
        before = Statement.objects.count()
        choices = {"optional_fields-city": "left_out", "optional_fields-comment": "left_out"}
        for page in (campaign, individual):
            preview = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
            assert editor.post(preview, self.form_data(page, **choices)).json()["is_valid"]
            names = sign_form_in(editor.get(preview, {"mode": mode}).content).names
            assert names & OPTIONAL == OPTIONAL - {"city", "comment"}
        assert Statement.objects.count() == before
        assert PledgePage.objects.get(pk=campaign.pk).optional_fields == {}

    def test_the_preview_of_a_signer_type_page_inherits_the_campaigns_choice(
        self, editor: Client, campaign, individual
    ) -> None:
        choose(campaign, city="left_out", comment="left_out")
        preview = reverse("wagtailadmin_pages:preview_on_edit", args=[individual.pk])
        assert editor.post(preview, self.form_data(individual, **{"optional_fields-city": "optional"})).json()[
            "is_valid"
        ]
        assert sign_form_in(editor.get(preview).content).names & OPTIONAL == OPTIONAL - {"comment"}

    def test_revisions_are_compared_with_labels(self, editor: Client, campaign) -> None:
        before = campaign.save_revision()
        campaign.optional_fields = {"city": "left_out"}
        after = campaign.save_revision()
        url = reverse("wagtailadmin_pages:revisions_compare", args=[campaign.pk, before.pk, after.pk])
        html = editor.get(url).content.decode()
        assert "City or town: Not asked" in html
        assert "left_out" not in html

    @pytest.mark.requirement("CP10")
    def test_the_admin_view_of_a_statement_lists_the_choices(self, editor: Client, campaign, individual) -> None:
        url = reverse("wagtail_pledge_statements:inspect", args=[newest(individual).pk])
        assert "Form fields" not in editor.get(url).content.decode()
        choose(campaign, city="left_out", postal_code="needed")
        html = editor.get(reverse("wagtail_pledge_statements:inspect", args=[newest(individual).pk])).content.decode()
        for label in ("Form fields", "City or town", "Not asked", "Required in the campaign’s country"):
            assert label in html

    def test_a_copy_keeps_the_choice(self, campaign) -> None:
        choose(campaign, city="left_out")
        made: Any = publish(campaign.get_parent().specific, PledgePage(title="Other", slug="other"))
        assert made.optional_fields == {}
        copied = PledgePage.objects.get(pk=campaign.pk).copy(update_attrs={"slug": "copied", "title": "Copied"})
        assert copied.optional_fields == {"city": "left_out"}
        assert copied.pledge_id != campaign.pledge_id
