"""Links in mail use the site of the pledge's page, never the host of the request."""

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
from wagtail_pledge.signing.messages import MailContent, MailSubject, render_mail
from wagtail_pledge.signing.services.payloads import build_signature, payload_of
from wagtail_pledge.testing.factories import SubmissionFactory


def confirm_mail(submission: Any) -> MailContent:
    """Return the mail with the confirm link, as the worker renders it."""
    payload = payload_of(submission)
    assert payload is not None
    signature = build_signature(submission.statement, payload)
    return render_mail(MessageKind.CONFIRM, MailSubject(signature=signature, submission=submission))


@pytest.mark.requirement("D11")
def test_a_forged_host_header_does_not_change_links(
    client: Client, individual: Any, person: Any, settings: Settings
) -> None:
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
    (message,) = mail.outbox
    everything = f"{message.message()}{message.body}{message.alternatives[0].content}"
    assert "evil" not in everything
    links = re.findall(r"https?://[^/\s\"<]+", f"{message.body}{message.alternatives[0].content}")
    assert len(links) >= 4
    assert set(links) == {"https://call.example"}


def test_the_base_url_setting_applies_to_private_links_only(
    client: Client, campaign: Any, individual: Any, person: Any, settings: Settings
) -> None:
    """``WAGTAIL_PLEDGE_BASE_URL`` applies to private links; the URL of the page itself is Wagtail's."""
    settings.WAGTAIL_PLEDGE_BASE_URL = "http://127.0.0.1:8000/"
    submission = SubmissionFactory(pledge=campaign.pledge)
    links = re.findall(r"https?://[^/\s\"<]+/\S*", confirm_mail(submission).text)
    assert links
    assert all(link.startswith("http://127.0.0.1:8000/pledge/") for link in links)
    assert pledge_url(campaign.pledge, "en") == campaign.full_url


@pytest.mark.parametrize("name", ["confirm", "not-me"])
@pytest.mark.parametrize(("locale", "query"), [("en", ""), ("es", "?lang=es")])
def test_a_link_has_the_language_if_it_is_not_the_default(campaign: Any, locale: str, query: str, name: str) -> None:
    content = confirm_mail(SubmissionFactory(pledge=campaign.pledge, locale=locale))
    (link,) = set(re.findall(rf"https?://\S+/{name}/[\w-]+/([^\s\"<]*)", f"{content.text} {content.html}"))
    assert link == query
