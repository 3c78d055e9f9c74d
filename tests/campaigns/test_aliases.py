"""Aliases of campaign pages: converting one gives it a campaign of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale

from tests.forms import sign_form_in
from tests.projects.campaign import add_published, home, publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP2")]

TEXT = "<p>We call for a fair wage.</p>"
SHARED = "shows the same campaign in the same language"


@pytest.fixture
def original(db: None) -> PledgePage:
    page = publish(home(), PledgePage(title="Fair pay", slug="fair", statement=TEXT))
    publish(page, SignerTypePage(title="As a union", slug="union", kind="organization"))
    return fresh(page)


@pytest.fixture
def alias(original: PledgePage) -> PledgePage:
    return fresh(original.create_alias(update_slug="alias", recursive=True))


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def below(page: Any) -> Any:
    return SignerTypePage.objects.child_of(page).get()


def convert(client: Client, page: Any) -> Any:
    answer = client.post(reverse("wagtailadmin_pages:convert_alias", args=[page.pk]))
    assert answer.status_code == 302
    return fresh(page)


def test_an_alias_shares_the_pledge(original: PledgePage, alias: PledgePage) -> None:
    assert (alias.pledge_id, below(alias).signer_type_id) == (original.pledge_id, below(original).signer_type_id)


def test_a_converted_alias_has_its_own_pledge_with_its_own_ways_to_sign(
    admin_client: Client, original: PledgePage, alias: PledgePage
) -> None:
    SignatureFactory(pledge=original.pledge)
    asked = admin_client.get(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk]))
    assert "a campaign of its own" in asked.content.decode()
    own = convert(admin_client, alias)
    assert own.alias_of_id is None
    assert own.pledge_id != original.pledge_id
    assert own.latest_revision.as_object().pledge_id == own.pledge_id
    assert (own.pledge.state, own.pledge.title) == ("open", "Fair pay")
    child = below(own)
    assert (child.alias_of_id, child.signer_type.pledge_id) == (None, own.pledge_id)
    assert child.latest_revision.as_object().signer_type_id == child.signer_type_id
    assert child.signer_type_id != below(original).signer_type_id
    assert SignerType.objects.filter(pledge=own.pledge).count() == 2
    for page in (own, child):
        assert str(own.pledge.uuid) in sign_form_in(Client().get(page.url).content).action


def test_publishing_the_converted_page_does_not_change_the_text_of_the_other(
    admin_client: Client, original: PledgePage, alias: PledgePage
) -> None:
    own = convert(admin_client, alias)
    own.statement = "<p>We call for something else.</p>"
    own.save_revision().publish()
    assert {s.text for s in Statement.objects.filter(pledge=original.pledge)} == {TEXT}
    fresh(original).save_revision().publish()
    assert fresh(own).pledge_id == own.pledge_id
    assert "something else" in fresh(own).statement


def test_converting_a_draft_alias_gives_it_a_draft_pledge(admin_client: Client, original: PledgePage) -> None:
    original.unpublish()
    own = convert(admin_client, fresh(original).create_alias(update_slug="alias"))
    assert (own.live, own.pledge.state) == (False, "draft")


def test_an_ordinary_way_to_sign_below_the_alias_moves_to_the_own_pledge(
    admin_client: Client, original: PledgePage
) -> None:
    alias = original.create_alias(update_slug="alias")
    added = publish(fresh(alias), SignerTypePage(title="As a nurse", slug="nurse", kind="individual"))
    assert added.signer_type.pledge_id == original.pledge_id
    own, added = convert(admin_client, alias), fresh(added)
    assert added.signer_type.pledge_id == own.pledge_id
    assert added.latest_revision.as_object().signer_type_id == added.signer_type_id


def test_a_converted_way_to_sign_is_another_way_to_sign_the_same_pledge(
    admin_client: Client, original: PledgePage
) -> None:
    twin = below(original).create_alias(update_slug="twin")
    own = convert(admin_client, twin)
    assert own.signer_type_id != below_slug("union").signer_type_id
    assert own.signer_type.pledge_id == original.pledge_id
    assert sign_form_in(Client().get(own.url).content)


def below_slug(slug: str) -> Any:
    return SignerTypePage.objects.get(slug=slug)


@pytest.mark.requirement("RE5")
def test_a_converted_translation_keeps_the_shared_pledge(admin_client: Client, original: PledgePage) -> None:
    spanish = Locale.objects.create(language_code="es")
    translated = original.copy_for_translation(spanish, copy_parents=True, alias=True)
    child = below(original).copy_for_translation(spanish, alias=True)
    assert convert(admin_client, translated).pledge_id == original.pledge_id
    assert convert(admin_client, child).signer_type_id == below(original).signer_type_id
    assert Pledge.objects.count() == 1


@pytest.mark.requirement("RE5")
def test_a_translation_of_a_former_alias_does_not_take_the_pledge_of_another_translation(
    original: PledgePage, alias: PledgePage
) -> None:
    spanish = Locale.objects.create(language_code="es")
    first = original.copy_for_translation(spanish, copy_parents=True)
    second = fresh(alias).copy_for_translation(spanish)
    assert first.pledge_id == original.pledge_id
    assert second.pledge_id != first.pledge_id


def test_a_second_ordinary_page_in_one_language_is_refused(original: PledgePage) -> None:
    second = PledgePage(title="Again", slug="again", statement=TEXT, pledge=original.pledge)
    with pytest.raises(ValidationError, match="already shows this campaign"):
        home().add_child(instance=second)
    other = add_published(home(), PledgePage(title="Other", slug="other", statement=TEXT))
    other.pledge = original.pledge
    with pytest.raises(ValidationError, match="already shows this campaign"):
        other.save()


def test_former_aliases_of_a_deleted_page_are_marked_in_the_editor(admin_client: Client, original: PledgePage) -> None:
    pages = [original.create_alias(update_slug=slug) for slug in ("one", "two")]
    editor = reverse("wagtailadmin_pages:edit", args=[original.pk])
    assert SHARED not in admin_client.get(editor).content.decode()
    PledgePage.objects.get(pk=original.pk).delete()
    one, two = (fresh(page) for page in pages)
    assert (one.alias_of_id, two.alias_of_id, one.pledge_id) == (None, None, two.pledge_id)
    for page in (one, two):
        page.save()
        html = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        assert SHARED in html
