"""Campaigns on a site that has turned treaties off."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from wagtail import hooks
from wagtail.admin.menu import reports_menu
from wagtail.rich_text import features

from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from wagtail_pledge.blocks import PledgeBodyBlock, TreatyBlock, TreatyNumbersBlock
from wagtail_pledge.models import State, StateAlias, Treaty
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, TreatyStatusPage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP2")]

TREATY_BLOCK = {"type": "treaty_numbers", "value": {"treaty": "cmw"}, "id": "0c3d7d5e-3b0c-4d39-8a3c-7f2f1c2f5b11"}
FACT = '<p>So far <embed embedtype="pledge-treaty-fact" fact="parties" treaty="cmw"/> States.</p>'


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Save the library", slug="library", statement="<p>Keep the library open.</p>")
    return publish_campaign(page, SignerTypePage)


def test_sign_confirm_count(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)
    assert client.get(campaign.url).status_code == 200


def test_the_list_of_campaigns_and_the_home_page_of_the_admin(
    client: Client, admin_client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    assert client.get(index.url).status_code == 200
    assert admin_client.get(reverse("wagtailadmin_home")).status_code == 200


def test_no_table_content_is_loaded() -> None:
    assert not State.objects.exists()
    assert not StateAlias.objects.exists()
    assert not Treaty.objects.exists()


def test_the_page_type_is_not_offered(admin_client: Client) -> None:
    parent = home()
    offered = admin_client.get(reverse("wagtailadmin_pages:add_subpage", args=[parent.pk])).content.decode()
    assert "/pledgepage/" in offered
    assert "treaty" not in offered.lower()
    assert not TreatyStatusPage.can_create_at(parent)
    add = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "treatystatuspage", parent.pk])
    assert admin_client.get(add, follow=True).redirect_chain


def test_a_treaty_page_of_earlier_is_not_shown(client: Client) -> None:
    page = publish(home(), TreatyStatusPage(title="Who has ratified?", slug="who"))
    assert client.get(page.url).status_code == 404
    assert page.get_sitemap_urls() == []


def test_the_menus_have_no_treaties(admin_client: Client, rf: Any, admin_user: Any) -> None:
    admin = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    assert "pledge-campaigns" in admin
    assert "treat" not in admin.lower()
    request = rf.get("/")
    request.user = admin_user
    assert not [item for item in reports_menu.menu_items_for_request(request) if "treat" in str(item.label).lower()]


def test_no_permission_for_treaties_is_offered(admin_client: Client) -> None:
    offered = Permission.objects.none()
    for hook in hooks.get_hooks("register_permissions"):
        offered |= hook()
    names = set(offered.filter(content_type__app_label="wagtail_pledge").values_list("codename", flat=True))
    assert not [name for name in names if "treaty" in name or name.endswith(("_state", "_statealias"))]


def test_no_address_is_about_treaties() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("wagtail_pledge:treaty_status_json", args=["cmw"])
    for name in ("wagtail_pledge_treaties:index", "wagtail_pledge_treaty_imports:index", "wagtail_pledge_treaty_fact"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert not [pattern for pattern in _patterns(get_resolver()) if "treat" in pattern]


def _patterns(resolver: Any) -> list[str]:
    found = []
    for pattern in resolver.url_patterns:
        found += _patterns(pattern) if hasattr(pattern, "url_patterns") else [str(pattern.pattern)]
    return found


@pytest.mark.parametrize("path", ["status.json", "status.csv", "changes.atom"])
def test_a_treaty_address_responds_404(client: Client, path: str) -> None:
    assert client.get(f"/pledge/treaties/cmw/{path}").status_code == 404


def test_the_picker_has_no_treaty_blocks() -> None:
    offered = PledgeBodyBlock().child_blocks
    assert "rich_text" in offered
    assert not [name for name in offered if name.startswith("treaty") or name == "rights_explainer"]
    assert not [name for name, block in offered.items() if isinstance(block, TreatyBlock)]


def test_a_block_of_the_site_that_needs_treaties_is_left_out_too() -> None:
    class SiteBody(PledgeBodyBlock):
        own_numbers = TreatyNumbersBlock()

    assert "own_numbers" in SiteBody.base_blocks
    assert "own_numbers" not in SiteBody().child_blocks


def test_the_page_editor_does_not_speak_of_treaties(
    admin_client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    campaign, _sign_page = campaign_pages
    editor = admin_client.get(reverse("wagtailadmin_pages:edit", args=[campaign.pk])).content.decode()
    visible = editor.replace("pledge-treaty-fact", "").lower()
    assert "treaty" not in visible


def test_a_stored_block_is_kept_and_not_shown(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    campaign, _sign_page = campaign_pages
    campaign.body = json.dumps([TREATY_BLOCK])
    campaign.save_revision().publish()
    assert client.get(campaign.url).status_code == 200
    stored = PledgePage.objects.values_list("body", flat=True).get(pk=campaign.pk)
    field = PledgePage._meta.get_field("body")
    assert field.get_prep_value(stored) == [TREATY_BLOCK]


def test_a_fact_in_a_text_survives_editing() -> None:
    """Without a rule for it, the editor would drop the fact from the text."""
    block = PledgeBodyBlock().child_blocks["rich_text"]
    widget = block.field.widget
    assert "pledge-treaty-fact" in widget.features
    assert 'embedtype="pledge-treaty-fact"' in widget.converter.to_database_format(
        widget.converter.from_database_format(FACT)
    )
    assert "PLEDGE-TREATY-FACT" not in json.dumps(widget.options, default=str)
    assert features.get_editor_plugin("draftail", "pledge-treaty-fact")


@pytest.mark.parametrize(
    "arguments", [("pledge_load_treaties", "cmw"), ("pledge_import_treaty", "--treaty", "cmw")], ids=["load", "import"]
)
def test_the_commands_say_that_treaties_are_off(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="WAGTAIL_PLEDGE_TREATIES"):
        call_command(*arguments)


def test_a_site_that_turns_treaties_on_loads_the_states_with_the_first_treaty(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_TREATIES = True
    call_command("pledge_load_treaties", "cmw", verbosity=0)
    assert State.objects.count() > 190
    assert Treaty.objects.get().as_of
