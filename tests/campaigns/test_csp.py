"""The content security policy of the package's pages, and how a site changes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from tests.forms import sign_form_in
from tests.journey import sign
from wagtail_pledge.campaigns.csp import HEADER, add_csp_header, build_csp
from wagtail_pledge.signing.models import EmbedOrigin

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("D5", "D6")]


def read(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split("; "))}


def policy_of(response: Any) -> dict[str, list[str]]:
    return read(response.headers[HEADER])


@pytest.fixture(autouse=True)
def _without_the_sites_policy(settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "StrictPolicy" not in name]


@pytest.fixture
def responses(client: Client, campaign: Any, individual: Any, person: dict[str, str]) -> dict[str, Any]:
    """Return a response of each kind of public page."""
    form = sign_form_in(client.get(campaign.url).content)
    found = {"pledge": client.get(campaign.url), "signer type": client.get(individual.url)}
    found["form shown again"] = client.post(form.action, form.data)
    found["inbox"] = client.get(sign(client, campaign.url, **person).url)
    found["broken link"] = client.get("/pledge/confirm/broken/")
    found["not found"] = client.get("/pledge/00000000-0000-4000-8000-000000000000/embed/")
    found["embed without origins"] = client.get(f"/pledge/{campaign.pledge.uuid}/embed/")
    return found


@pytest.mark.parametrize(
    "name",
    ["pledge", "signer type", "form shown again", "inbox", "broken link", "not found", "embed without origins"],
)
def test_every_public_page_has_the_strict_policy(responses: dict[str, Any], name: str) -> None:
    policy = policy_of(responses[name])
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert "unsafe" not in responses[name].headers[HEADER]


def test_only_the_embedded_form_allows_framing_by_its_origins(client: Client, campaign: Any) -> None:
    EmbedOrigin.objects.create(pledge=campaign.pledge, origin="https://partner.example")
    policy = policy_of(client.get(f"/pledge/{campaign.pledge.uuid}/embed/"))
    assert policy.pop("frame-ancestors") == ["https://partner.example"]
    alone = policy_of(client.get(campaign.url))
    assert alone.pop("frame-ancestors") == ["'none'"]
    assert policy == alone


def test_a_preview_can_be_framed_by_the_admin(campaign: Any) -> None:
    assert policy_of(campaign.make_preview_request())["frame-ancestors"] == ["'self'"]


def test_scripts_of_the_admin_host_are_allowed_for_editors(client: Client, campaign: Any, settings: Settings) -> None:
    settings.WAGTAILADMIN_BASE_URL = "https://admin.example/cms/"
    assert policy_of(client.get(campaign.url))["script-src"] == ["'self'"]
    client.force_login(get_user_model()._default_manager.create_superuser("editor"))
    assert policy_of(client.get(campaign.url))["script-src"] == ["'self'", "https://admin.example"]


def test_static_and_media_hosts_are_allowed(settings: Settings) -> None:
    settings.STATIC_URL, settings.MEDIA_URL = "https://static.example/s/", "//media.example/m/"
    policy = read(build_csp())
    assert policy["script-src"] == ["'self'", "https://static.example", "https://media.example"]
    assert policy["img-src"][-1] == "data:"
    assert policy["form-action"] == ["'self'"]


def test_a_setting_replaces_directives(client: Client, campaign: Any, settings: Settings) -> None:
    before = policy_of(client.get(campaign.url))
    settings.WAGTAIL_PLEDGE_CSP = {
        "script-src": ["'self'", "https://stats.example"],
        "font-src": (),
        "frame-src": ["https://video.example"],
    }
    after = policy_of(client.get(campaign.url))
    del before["font-src"]
    changed = {"script-src": ["'self'", "https://stats.example"], "frame-src": ["https://video.example"]}
    assert after == {**before, **changed}


def test_a_site_can_send_its_own_policy(client: Client, campaign: Any, settings: Settings, rf: RequestFactory) -> None:
    mine = HttpResponse(headers={HEADER: "default-src https:"})
    assert add_csp_header(rf.get("/"), mine)[HEADER] == "default-src https:"
    settings.WAGTAIL_PLEDGE_CSP = None
    assert HEADER not in client.get(campaign.url).headers
    EmbedOrigin.objects.create(pledge=campaign.pledge, origin="https://partner.example")
    framed = policy_of(client.get(f"/pledge/{campaign.pledge.uuid}/embed/"))
    assert framed["frame-ancestors"] == ["https://partner.example"]
    assert framed["default-src"] == ["'none'"]
