"""Pledge and signer-type pages, and the pledge that they show."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, PageViewRestriction

from tests.forms import sign_form_in
from tests.journey import confirm, counted, sign, submissions, work
from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import SubmissionEnd
from wagtail_pledge.signing.models import Pledge, Statement, get_signature_model
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("CP2")
def test_a_new_page_creates_a_pledge_for_individuals(campaign: PledgePage) -> None:
    assert campaign.pledge.title == "Ratify now"
    assert [t.kind for t in campaign.pledge.signer_types.all()] == ["individual"]


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("mode", ["", "errors"])
def test_a_previewed_form_has_no_stamp_url(campaign: PledgePage, mode: str) -> None:
    assert 'data-stamp-url=""' in campaign.make_preview_request(preview_mode=mode).content.decode()


@pytest.mark.requirement("CP3")
def test_each_signer_type_page_has_its_signer_type(campaign, individual, organization) -> None:
    rows = {t.kind: t for t in campaign.pledge.signer_types.all()}
    assert individual.signer_type == rows["individual"]
    assert organization.signer_type == rows["organization"]
    assert rows["organization"].approval_required
    assert not rows["individual"].approval_required


@pytest.mark.requirement("CP2", "RE5")
def test_a_translation_shares_the_pledge_and_its_signer_types(campaign, individual) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    page = campaign.copy_for_translation(spanish)
    page.save_revision().publish()
    kind_page = individual.copy_for_translation(spanish)
    kind_page.save_revision().publish()
    page.refresh_from_db()
    assert page.pledge_id == campaign.pledge_id
    assert kind_page.signer_type_id == individual.signer_type_id
    assert set(Statement.objects.values_list("locale", flat=True)) == {"en", "es"}


@pytest.mark.requirement("CP2")
def test_a_copy_has_its_own_pledge(campaign, individual) -> None:
    copy = campaign.copy(recursive=True, update_attrs={"slug": "copy", "title": "Copy"}, keep_live=True)
    copy = PledgePage.objects.get(pk=copy.pk)
    child = SignerTypePage.objects.child_of(copy).get()
    assert copy.pledge_id != campaign.pledge_id
    assert child.signer_type.pledge_id == copy.pledge_id
    assert child.signer_type_id != individual.signer_type_id
    copy.get_latest_revision().publish()
    assert PledgePage.objects.get(pk=copy.pk).pledge_id == copy.pledge_id


@pytest.mark.requirement("CP2")
def test_deleting_the_page_keeps_the_pledge_and_its_signatures(client: Client, campaign, individual, person) -> None:
    sign(client, individual.url, **person)
    work()
    confirm(client, person["email"])
    pledge = campaign.pledge
    campaign.delete()
    assert Pledge.objects.get() == pledge
    assert get_signature_model()._default_manager.count() == 1
    assert counted(client, pledge)["total"] == 1


@pytest.mark.parametrize("state", ["open form", "signature"])
def test_objects_with_signatures_cannot_be_deleted(campaign, individual, state: str) -> None:
    factory = SubmissionFactory if state == "open form" else SignatureFactory
    row = factory(signer_type=individual.signer_type, pledge=campaign.pledge)
    for page in (individual, campaign):
        type(page).objects.filter(pk=page.pk)._raw_delete("default")
    assert row.statement == Statement.objects.get()
    for needed in (row.statement, individual.signer_type, campaign.pledge):
        with pytest.raises(ProtectedError) as refused:
            needed.delete()
        assert row in refused.value.protected_objects
    assert type(row)._default_manager.get() == row


def test_a_form_that_has_ended_protects_nothing(campaign, individual) -> None:
    row = SubmissionFactory(signer_type=individual.signer_type, pledge=campaign.pledge)
    submissions().update(**end_columns(SubmissionEnd.NOT_ME))
    row.statement.delete()
    assert not submissions().exists()


@pytest.mark.requirement("CP3")
def test_the_kind_of_a_signer_type_page_cannot_change(individual: SignerTypePage) -> None:
    individual.kind = "organization"
    with pytest.raises(ValidationError, match="another page"):
        individual.full_clean()


def test_an_unknown_kind_is_invalid(campaign: PledgePage) -> None:
    page = SignerTypePage(title="Robots", slug="robots", kind="robot")
    with pytest.raises(ValidationError, match="types available on this site"):
        page.clean()


@pytest.mark.requirement("CP10")
def test_publishing_creates_a_statement_and_saving_a_draft_does_not(campaign, individual) -> None:
    assert Statement.objects.count() == 1
    campaign.statement = "<p>Something new.</p>"
    campaign.save_revision()
    assert Statement.objects.count() == 1
    campaign.save_revision().publish()
    assert list(Statement.objects.values_list("number", "text").order_by("number"))[1] == (2, "<p>Something new.</p>")
    individual.consent_sign = "I join."
    individual.save_revision().publish()
    assert Statement.objects.order_by("-number").first().consent["sign"] == "I join."


@pytest.mark.requirement("P3")
def test_the_pledge_page_is_cacheable_and_needs_few_queries(client: Client, campaign, individual, organization) -> None:
    client.get(campaign.url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(campaign.url)
    assert response.status_code == 200
    assert len(captured) <= 15, [q["sql"][:120] for q in captured.captured_queries]
    assert "Set-Cookie" not in response.headers
    assert not response.cookies
    assert "cookie" not in response.get("Vary", "").lower()
    assert response["Cache-Control"] == "public, max-age=30"
    assert b"csrfmiddlewaretoken" not in response.content


def test_a_password_protected_page_is_not_cached(client: Client, campaign) -> None:
    PageViewRestriction.objects.create(page=campaign, restriction_type="password", password="x")
    assert "public" not in client.get(campaign.url).get("Cache-Control", "")
    session = client.session
    session["passed_page_view_restrictions"] = [PageViewRestriction.objects.get().pk]
    session.save()
    response = client.get(campaign.url)
    assert b"We call on" in response.content
    assert "no-store" in response["Cache-Control"]


@pytest.mark.requirement("CP1", "SG1")
def test_the_pledge_page_has_the_form_with_autocomplete(client: Client, campaign, individual) -> None:
    html = client.get(campaign.url).content.decode()
    form = sign_form_in(html.encode())
    assert form.action == f"/pledge/{campaign.pledge.uuid}/sign/{individual.signer_type.uuid}/"
    assert {
        "name",
        "email",
        "country",
        "postal_code",
        "city",
        "display",
        "comment",
        "updates",
        "statement",
        "stamp",
    } <= form.names
    for attribute in ('autocomplete="name"', 'autocomplete="email"', 'inputmode="email"', 'autocomplete="country"'):
        assert attribute in html
    assert "We call on the United States to ratify." in html
    assert form.data["display"] == "hidden"
    assert "updates" not in form.data


@pytest.mark.requirement("CP3")
def test_the_organization_page_has_the_organizations_fields(client: Client, organization) -> None:
    form = sign_form_in(client.get(organization.url).content)
    wanted = {"organization", "website", "country", "city", "name", "role", "email", "authorized", "display", "updates"}
    assert wanted <= form.names


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("", "We call on"),
        ("errors", "Your name has not been added yet"),
        ("check_inbox", "One step left"),
        ("thank_you", "Thank you so much"),
        ("closed", "closed"),
    ],
)
@pytest.mark.parametrize("fixture", ["campaign", "individual"])
def test_every_step_can_be_previewed(request, individual, fixture: str, mode: str, text: str) -> None:
    response = request.getfixturevalue(fixture).make_preview_request(preview_mode=mode)
    assert response.status_code == 200
    if fixture == "campaign":
        assert text in response.content.decode()


@pytest.mark.requirement("CP7")
def test_an_unsaved_page_can_be_previewed() -> None:
    page = PledgePage(
        title="New", slug="new", statement="<p>Draft words.</p>", locale=Locale.objects.get(language_code="en")
    )
    page.set_url_path(home())
    page.path, page.depth = home().path + "0009", home().depth + 1
    response = page.make_preview_request(preview_mode="errors")
    assert response.status_code == 200
    assert "Draft words." in response.content.decode()
    assert Pledge.objects.count() == 0
