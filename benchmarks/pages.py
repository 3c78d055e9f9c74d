"""Publish what is measured. Import after Django is set up."""

from __future__ import annotations

from benchmarks.site import Door
from benchmarks.yardsticks.models import FormField, FormPage
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.models import Statement


def publish_all() -> Door:
    """Publish a pledge and a form page with the same four questions."""
    campaign = publish(home(), PledgePage(title="Ratify", slug="ratify", lead="Sign.", statement="<p>Ratify now.</p>"))
    page = publish(campaign, SignerTypePage(title="As yourself", slug="individual", kind="individual"))
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
        sign=f"/pledge/{pledge}/sign/{page.signer_type.uuid}/",
        count=f"/pledge/{pledge}/count.json",
        form_page=form.url,
        sha256=statement.sha256,
    )
