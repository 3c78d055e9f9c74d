"""Links in mail lead to the site of the pledge's page, whatever host the request named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings
from wagtail.models import Site

from tests.journey import fresh, sign_url, work
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.messages import render_mail
from wagtail_pledge.testing.factories import SignatureFactory


@pytest.mark.requirement("D11")
def test_a_poisoned_host_gets_into_no_link(client: Client, individual: Any, person: Any, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.WAGTAIL_PLEDGE_BASE_URL = None
    settings.USE_X_FORWARDED_HOST = True
    site = Site.objects.get()
    site.hostname, site.port = "call.example", 443
    site.save()
    answer = client.post(
        sign_url(individual),
        fresh(individual, **person),
        headers={"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"},
    )
    assert answer.status_code == 303
    work()
    (letter,) = mail.outbox
    everything = f"{letter.message()}{letter.body}{letter.alternatives[0].content}"
    assert "evil" not in everything
    links = re.findall(r"https?://[^/\s\"<]+", f"{letter.body}{letter.alternatives[0].content}")
    assert len(links) >= 4
    assert set(links) == {"https://call.example"}


def test_a_site_with_several_addresses_says_which_one_links_name(
    client: Client, campaign: Any, individual: Any, person: Any, settings: Settings
) -> None:
    """The page's own address is Wagtail's to say: the pledge's other pages and what people share name it too."""
    settings.WAGTAIL_PLEDGE_BASE_URL = "http://127.0.0.1:8000/"
    signature = SignatureFactory(pledge=campaign.pledge)
    links = re.findall(r"https?://[^/\s\"<]+/\S*", render_mail(MessageKind.CONFIRM, signature, epoch=1).text)
    assert links
    assert all(link.startswith("http://127.0.0.1:8000/pledge/") for link in links)
    assert pledge_url(campaign.pledge, "en") == campaign.full_url


@pytest.mark.parametrize("name", ["confirm", "not-me"])
@pytest.mark.parametrize(("locale", "query"), [("en", ""), ("es", "?lang=es")])
def test_a_link_says_the_language_that_is_not_the_sites_own(campaign: Any, locale: str, query: str, name: str) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, locale=locale)
    mail = render_mail(MessageKind.CONFIRM, signature, epoch=1)
    (link,) = set(re.findall(rf"https?://\S+/{name}/[\w-]+/([^\s\"<]*)", f"{mail.text} {mail.html}"))
    assert link == query
