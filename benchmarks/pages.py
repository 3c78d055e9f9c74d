"""Publishes the pages that the benchmarks request. Import after ``django.setup()``."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.baselines.models import FormField, FormPage
from benchmarks.site import Endpoints
from tests.projects.campaign import home, publish
from tests.treaties.treaty_data import cmw
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.models import Statement


def _publish_pledge(title: str, slug: str) -> tuple[Any, Any]:
    """Publish a typical campaign: a page with text, treaty fact, progress and form, and its signer type page."""
    body = [
        {"type": "rich_text", "value": "<h2>Why</h2>" + "<p>Because they are people.</p>" * 20},
        {"type": "treaty_fact", "value": {"treaty": "cmw"}},
        {"type": "progress", "value": {"heading": "So far"}},
    ]
    texts = {"lead": "Sign.", "statement": "<p>Ratify now.</p>", "body": json.dumps(body)}
    campaign = publish(home(), PledgePage(title=title, slug=slug, **texts))
    return campaign, publish(campaign, SignerTypePage(title="As yourself", slug="individual", kind="individual"))


def publish_all() -> Endpoints:
    """Publish a campaign, one without signatures, and a Wagtail form page with the same four fields."""
    cmw()
    campaign, page = _publish_pledge("Ratify", "ratify")
    empty, _page = _publish_pledge("Nobody signs", "empty")
    form = FormPage(title="Form", slug="form")
    for label, kind in (
        ("name", "singleline"),
        ("email", "email"),
        ("country", "singleline"),
        ("display", "singleline"),
    ):
        form.form_fields.add(FormField(label=label, field_type=kind, required=True))
    form = publish(home(), form)
    statement = Statement.objects.get(signer_type=page.signer_type)
    pledge = page.signer_type.pledge.uuid
    return Endpoints(
        page=campaign.url,
        empty_page=empty.url,
        sign=f"/pledge/{pledge}/sign/{page.signer_type.uuid}/",
        count=f"/pledge/{pledge}/count.json",
        form_page=form.url,
        sha256=statement.sha256,
    )
