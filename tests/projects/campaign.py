"""Publishing and signing a campaign, for the tests of every project."""

from __future__ import annotations

from typing import Any

from django.test import Client
from wagtail.models import Site
from wagtail.signals import page_published

from tests import journey
from wagtail_pledge.core.compat import get_page_model


def home() -> Any:
    """Return the site's home page."""
    return Site.objects.get(is_default_site=True).root_page.specific


def publish(parent: Any, page: Any) -> Any:
    """Add a page below ``parent`` and publish it as the editor does."""
    parent.add_child(instance=page)
    page.save_revision().publish()
    return get_page_model().objects.get(pk=page.pk).specific


def add_published(parent: Any, page: Any) -> Any:
    """Add a live page below ``parent``, without the revision that an editor's publishing creates.

    Much faster than :func:`publish`, with the same signal.
    """
    parent.add_child(instance=page)
    page_published.send(sender=type(page), instance=page, revision=None)
    return get_page_model().objects.get(pk=page.pk).specific


def publish_campaign(pledge_page: Any, signer_type_page: type[Any]) -> tuple[Any, Any]:
    """Publish a pledge page and the page where individuals sign it."""
    campaign = publish(home(), pledge_page)
    kind_page = signer_type_page(title="Sign as yourself", slug="individual", kind="individual")
    return campaign, publish(campaign, kind_page)


def sign_confirm_count(client: Client, campaign: Any, page: Any) -> None:
    """Assert that a signature on ``page`` counts once it is confirmed, and that signing again does not count."""
    person = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
    answer = journey.sign(client, page.url, **person)
    assert answer.status_code == 303
    assert journey.counted(client, campaign.pledge)["total"] == 0
    assert journey.confirm(client, "ana@example.org").status_code == 303
    assert journey.counted(client, campaign.pledge)["kinds"]["individual"] == 1
    journey.sign(client, page.url, **person)
    assert journey.counted(client, campaign.pledge)["total"] == 1
