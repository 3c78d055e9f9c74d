"""Publish what is measured. Import after Django is set up."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.site import Door
from benchmarks.yardsticks.models import FormField, FormPage
from tests.projects.campaign import home, publish
from tests.treaties.given import cmw
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.models import Statement


def _publish_pledge(title: str, slug: str) -> tuple[Any, Any]:
    """Publish a page with everything that a reader sees: story, live treaty fact, progress, form."""
    body = [
        {"type": "rich_text", "value": "<h2>Why</h2>" + "<p>Because they are people.</p>" * 20},
        {"type": "treaty_fact", "value": {"treaty": "cmw"}},
        {"type": "progress", "value": {"heading": "So far"}},
    ]
    texts = {"lead": "Sign.", "statement": "<p>Ratify now.</p>", "body": json.dumps(body)}
    campaign = publish(home(), PledgePage(title=title, slug=slug, **texts))
    return campaign, publish(campaign, SignerTypePage(title="As yourself", slug="individual", kind="individual"))


def publish_all() -> Door:
    """Publish a pledge, another one that nobody signs, and a form page with the same four questions."""
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
    return Door(
        page=campaign.url,
        empty_page=empty.url,
        sign=f"/pledge/{pledge}/sign/{page.signer_type.uuid}/",
        count=f"/pledge/{pledge}/count.json",
        form_page=form.url,
        sha256=statement.sha256,
    )
