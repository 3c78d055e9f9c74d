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


@pytest.mark.requirement("D11")
def test_a_poisoned_host_gets_into_no_link(client: Client, individual: Any, person: Any, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
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
