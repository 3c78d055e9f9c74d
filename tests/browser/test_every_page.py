"""Audit of every kind of page and every block in English and Arabic, and of the error pages."""

from __future__ import annotations

import gc
import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.architecture.tree import ROOT
from tests.browser.conftest import PageErrors
from tests.browser.page_audit import LANGUAGES, PageAudit, audit, in_language, translated, visitor
from tests.campaign_fixtures import campaign, individual, organization
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY
from wagtail_pledge.campaigns.views.organizations import PER_PAGE
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import EmbedOrigin, Pledge, Tally
from wagtail_pledge.signing.questions import question_types
from wagtail_pledge.signing.services import MANAGE, token_for
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeRecipientFactory,
    RecipientFactory,
    SignatureFactory,
)
from wagtail_pledge.treaties.models import State

__all__ = ["audit", "campaign", "individual", "organization", "visitor"]

pytestmark = [pytest.mark.requirement("X4"), pytest.mark.django_db, pytest.mark.long]

EXAMPLE_TEMPLATES: Final = ROOT / "example_project/campaign/templates"
#: Shown only in one state of the pledge.
SILENT: Final = {"state_words"}


def every_block() -> list[dict[str, Any]]:
    """Return a body with each block of the picker with its preview's value, referring to existing rows."""
    picture = get_image_model().objects.create(title="A march", file=get_test_image_file(size=(900, 600)))
    document = get_document_model().objects.create(title="Summary", file=ContentFile(b"%PDF-1.7", name="summary.pdf"))
    video_file, captions_file = (
        get_document_model().objects.create(title="The march", file=ContentFile(b"", name=name))
        for name in ("march.webm", "march.vtt")
    )
    pictures = dict.fromkeys(("image", "photo", "poster"), picture.pk)
    rows = {**pictures, "document": document.pk, "video": video_file.pk, "captions": captions_file.pk}
    found = []
    for name, block in PledgeBodyBlock().child_blocks.items():
        raw = json.loads(json.dumps(block.get_prep_value(block.get_preview_value())).replace(SAMPLE_KEY, "cmw"))
        value = {**raw, **{key: rows[key] for key in rows if key in raw}} if isinstance(raw, dict) else raw
        found.append({"type": name, "value": value})
    return found


def questions() -> list[dict[str, Any]]:
    """Return one question of each type."""
    choices = [{"label": label, "value": label.lower()} for label in ("Work", "Home")]
    found = []
    for number, (slug, question_type) in enumerate(question_types().items()):
        value = {"label": f"What about {slug}?", "hint": "One hint.", "required": number % 2 == 0, "slug": slug}
        found.append({"type": slug, "value": {**value, "choices": choices} if question_type.has_choices else value})
    return found


# Wagtail leaves the temporary files of renditions to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.requirement("CP9")
def test_every_block(visitor: Page, audit: PageAudit, campaign, individual) -> None:
    treaty_data.cmw()
    campaign.body = PledgePage._meta.get_field("body").to_python(every_block())
    campaign.save_revision().publish()
    translated(campaign, individual)
    Pledge.objects.filter(pk=campaign.pledge_id).update(goal=5000, goal_steps="1000 2000")
    Tally.objects.create(pledge=campaign.pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    for code in LANGUAGES:
        visitor.goto(in_language(campaign, code))
        expect(visitor.locator(".pledge-empty")).to_have_count(0)
        for summary in visitor.locator("main summary:visible").all():
            summary.click()
        audit("every block")
    gc.collect()


@pytest.mark.requirement("SG9", "SN1")
def test_signer_type_pages_with_questions(visitor: Page, audit: PageAudit, campaign, organization, individual) -> None:
    for page in (individual, organization):
        page.questions = page._meta.get_field("questions").to_python(questions())
        page.save_revision().publish()
    translated(campaign, individual, organization)
    for code in LANGUAGES:
        for page in (individual, organization):
            visitor.goto(in_language(page, code))
            audit(f"{page.slug} with questions")
            visitor.locator("form[data-stamp-url] button[type=submit]").click()
            expect(visitor.locator("#sign-errors")).to_be_focused()
            audit(f"{page.slug} with errors")


@pytest.mark.requirement("CP5", "TR4", "RE2")
def test_index_treaty_and_embedded_pages(visitor: Page, audit: PageAudit, campaign, individual) -> None:
    convention = treaty_data.cmw()
    spotlight = State.objects.get(key="USA")
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns", lead="All of them."))
    treaty = publish(
        home(),
        TreatyStatusPage(title="Where the world stands", slug="treaty", treaty=convention, spotlight=spotlight),
    )
    translated(campaign, individual, index, treaty)
    EmbedOrigin.objects.create(pledge=campaign.pledge, origin="https://partner.example")
    for code in LANGUAGES:
        visitor.goto(f"{in_language(index, code)}?empty")
        audit("no campaign yet")
    for number, state in enumerate(("open", "won", "closed")):
        page = publish(index, PledgePage(title=f"Call {number}", slug=f"c{number}", statement="<p>x</p>"))
        Pledge.objects.filter(pk=page.pledge_id).update(state=state, goal=500)
        page.copy_for_translation(index.get_translations().get().locale).save_revision().publish()
    for code in LANGUAGES:
        here = in_language(index, code)
        for name, query in {"list": "", "filtered": "?state=won", "nothing found": "?q=nothing"}.items():
            visitor.goto(here + query)
            audit(name)
        visitor.goto(f"/pledge/{campaign.pledge.uuid}/embed/?lang={code}")
        audit("frame")
    # ``test_treaty`` checks it in English
    visitor.goto(in_language(treaty, "ar"))
    audit("treaty")


@pytest.mark.requirement("SG3", "SG8", "DL1", "TR2")
def test_lists_of_what_editors_and_signers_enter(visitor: Page, audit: PageAudit, campaign, individual) -> None:
    long_word = "Donaudampfschifffahrtsgesellschaftskapitaensvereinigung"
    for name in (long_word, *(f"Group {number}" for number in range(PER_PAGE))):
        SignatureFactory(
            pledge=campaign.pledge, kind="organization", organization=name, approval=Approval.APPROVED,
            email=f"{name}@example.org",
        )  # fmt: skip
    senate = RecipientFactory(
        office=f"Committee {long_word}", phone="+1 202 555 0100" * 2, email=f"{long_word}@office.example",
        address=f"{long_word}\n1 Main Street", position="opposes", position_on="2026-02-03",
        position_source="https://press.example/1",
    )  # fmt: skip
    PledgeRecipientFactory(pledge=campaign.pledge, recipient=senate)
    stage = DecisionStageFactory(pledge=campaign.pledge, name=f"The {long_word} votes", recipient=senate)
    EvidenceFactory(stage=stage, text=long_word * 4)
    empty = {"heading": "", "text": "", "pledge": "", "signers": ""}
    campaign.body = PledgePage._meta.get_field("body").to_python(
        [{"type": name, "value": empty} for name in ("decision_makers", "decision_path", "organizations")]
    )
    campaign.save_revision().publish()
    convention = treaty_data.cmw()
    for kind, article in (("acceptance", "77"), ("reservation", long_word)):
        convention.declarations.create(
            party=State.objects.get(key="MEX"), kind=kind, article=article, date="2008-09-15", text=long_word * 3
        )
    treaty = publish(home(), TreatyStatusPage(title="Status", slug="treaty", treaty=convention))
    translated(campaign, individual, treaty)
    path = f"/pledge/{campaign.pledge.uuid}/organizations/"
    signature = SignatureFactory(pledge=campaign.pledge, email="ana@example.org", display="name")
    for code in LANGUAGES:
        for query in ("", "&page=2", "&q=nothing"):
            visitor.goto(f"{path}?lang={code}{query}")
            audit(f"organizations{query}")
        visitor.goto(in_language(campaign, code))
        expect(visitor.locator(".pledge-path")).to_be_visible()
        audit("who decides")
        visitor.goto(in_language(treaty, code))
        visitor.locator(".pledge-declared summary").click()
        audit("declarations")
        visitor.goto(f"/pledge/manage/{token_for(MANAGE, signature)}/?lang={code}")
        visitor.locator("#own-comment").fill(long_word * 8)
        visitor.locator("#choices button").click()
        expect(visitor.locator("#own-comment-error")).to_be_visible()
        audit("refused reason")


@pytest.mark.requirement("X2")
def test_error_pages_of_the_example(
    visitor: Page,
    audit: PageAudit,
    campaign,
    settings: Any,
    page_errors: PageErrors,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("404.html", "500.html"):
        shutil.copy(EXAMPLE_TEMPLATES / name, tmp_path)
    # The site chooses the policy of its own pages
    monkeypatch.setattr("tests.projects.policy.POLICY", "default-src 'self'")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    for code in LANGUAGES:
        answer = visitor.goto(f"/{code}/nothing/")
        assert answer is not None
        assert answer.status == 404
        audit("no page")
    monkeypatch.setattr(PledgePage, "get_context", lambda *_args, **_kwargs: 1 / 0)
    answer = visitor.goto(campaign.url)
    assert answer is not None
    assert answer.status == 500
    assert "text/html" in answer.headers["content-type"]
    audit("broken")
    assert all("status of 500" in problem for problem in page_errors.problems)
    page_errors.problems.clear()
