"""Every block: description and preview in the picker, output, and no output rather than an error."""

from __future__ import annotations

import datetime as dt
import gc
import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from wagtail.blocks import StructBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection

from wagtail_pledge.blocks import base
from wagtail_pledge.blocks.base import PledgeChoiceBlock, pledge_choices
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.signing.models import Pledge

pytestmark = pytest.mark.django_db

BLOCKS = PledgeBodyBlock().child_blocks
GROUPS = ["Sign", "Story", "Evidence", "Progress", "Take action", "Treaty data"]
GONE = "11111111-2222-4333-8444-555555555555"


def make_pledge(**values: Any) -> Pledge:
    collection = Collection.objects.first() or Collection.add_root(name="Root")
    return Pledge.objects.create(title=values.pop("title", "Ratify"), collection=collection, **values)


def preview(name: str) -> str:
    """Render the block's preview as Wagtail's picker does."""
    block = BLOCKS[name]
    value = block.get_preview_value()
    picker = {"request": RequestFactory().get("/"), "block_def": block, "bound_block": block.bind(value)}
    context = block.get_preview_context(value, parent_context=picker)
    return render_to_string(block.get_preview_template(value, context), context)


def shown(name: str, value: Any, *, is_preview: bool = False, **context: Any) -> str:
    """Render one block as the page body does."""
    block = BLOCKS[name]
    request = RequestFactory().get("/")
    request.is_preview = is_preview  # type: ignore[attr-defined]
    return str(block.bind(block.to_python(value)).render({"request": request, **context})).strip()


def test_block_type_names_are_unchanged() -> None:
    assert list(BLOCKS) == [
        "sign_form",
        "sign_buttons",
        "state_words",
        "rich_text",
        "image",
        "video",
        "rights_explainer",
        "faq",
        "document",
        "endorsement",
        "organizations",
        "facts_timeline",
        "progress",
        "updates",
        "recent_signers",
        "decision_makers",
        "decision_path",
        "share",
        "call_to_action",
        "treaty_fact",
        "treaty_numbers",
        "treaty_spotlight",
        "treaty_map",
        "treaty_timeline",
        "treaty_missing",
        "treaty_related",
        "treaty_table",
    ]


@pytest.mark.requirement("CP9")
def test_picker_groups_are_in_order() -> None:
    assert list(dict.fromkeys(str(block.meta.group) for block in BLOCKS.values())) == GROUPS


@pytest.mark.parametrize("name", BLOCKS)
def test_block_has_icon_group_description_and_preview(name: str) -> None:
    block = BLOCKS[name]
    assert block.meta.icon not in {"", "placeholder"}
    assert str(block.meta.group) in GROUPS
    assert str(block.get_description()).endswith(".")
    assert block.is_previewable


@pytest.mark.parametrize("name", BLOCKS)
def test_preview_shows_content_with_the_stylesheet(name: str) -> None:
    html = preview(name)
    body = html.split("<main>")[1]
    assert "wagtail_pledge/css/pledge.css" in html
    assert re.search(r"[A-Za-z]{4}", re.sub(r"<[^>]*>", "", body))
    assert "pledge-empty" not in body


@pytest.mark.parametrize("name", BLOCKS)
def test_an_empty_block_shows_nothing_to_visitors(name: str) -> None:
    empty = BLOCKS[name].get_prep_value(BLOCKS[name].get_default())
    assert shown(name, empty) == ""


@pytest.mark.parametrize("name", sorted(set(BLOCKS) - {"rich_text"}))
def test_an_empty_block_shows_editors_what_is_missing(name: str) -> None:
    empty = BLOCKS[name].get_prep_value(BLOCKS[name].get_default())
    assert shown(name, empty, is_preview=True).startswith("<p class=")


@pytest.mark.parametrize(
    "name",
    [
        *("sign_form", "sign_buttons", "progress", "recent_signers", "organizations", "share"),
        *("decision_makers", "decision_path"),
    ],
)
def test_a_block_of_a_deleted_pledge_shows_nothing(name: str) -> None:
    assert shown(name, {"heading": "Sign", "pledge": GONE}) == ""
    assert shown(name, {"heading": "Sign", "pledge": "nonsense"}) == ""


def test_progress_uses_the_numbers_of_the_page() -> None:
    pledge = make_pledge()
    progress = {"total": 12840, "goal": 15000, "step": None, "kinds": [], "as_of": None, "show": True}
    html = shown("progress", {"heading": "", "pledge": ""}, pledge=pledge, progress=progress)
    assert '<span class="pledge-number">12,840</span> signed' in html
    assert '<progress value="12840" max="15000"' in html


@pytest.mark.requirement("CP8")
def test_progress_labels_each_step_and_localizes_numbers() -> None:
    pledge = make_pledge(goal_steps="1000 50000 100000")
    pledge.tallies.create(day="2026-02-03", kind="individual", country="US", count=12840)
    value = {"heading": "", "pledge": str(pledge.uuid)}
    html = shown("progress", value)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html[html.index("<ol") :])).strip()
    assert text == "1,000 reached 50,000 next goal 100,000"
    assert '<progress value="12840" max="50000"' in html
    assert "Next goal" in html
    with translation.override("es"):
        assert re.search(r'<span class="pledge-number">50[.\s]000</span>', shown("progress", value))


@pytest.mark.requirement("CP8")
def test_progress_hides_a_number_below_the_minimum() -> None:
    pledge = make_pledge(goal=1000, shown_from=50)
    pledge.tallies.create(day="2026-02-03", kind="individual", country="US", count=49)
    value = {"heading": "Progress so far", "pledge": str(pledge.uuid)}
    assert shown("progress", value) == ""
    assert "49" not in (notice := shown("progress", value, is_preview=True))
    assert "minimum number" in notice
    pledge.tallies.update(count=50)
    assert '<span class="pledge-number">50</span> signed' in shown("progress", value)


def test_progress_of_another_pledge_shows_its_numbers_and_links_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "pledge_url", lambda _pledge, _locale: "https://x.example/other/")
    other = make_pledge(title="Other", goal=500)
    progress = {"total": 12840, "goal": 15000, "step": None, "kinds": [], "as_of": None, "show": True}
    html = shown("progress", {"pledge": str(other.uuid)}, pledge=make_pledge(), progress=progress)
    assert 'max="500"' in html
    assert "12,840" not in html
    assert 'href="https://x.example/other/"' in html


def test_the_form_is_shown_once() -> None:
    sign = SimpleNamespace(is_open=True, button_text="Sign it", kind="individual")
    html = shown("sign_form", {"heading": "Sign", "pledge": ""}, pledge=make_pledge(), sign=sign, form_shown=True)
    assert 'href="#sign"' in html
    assert "Sign it" in html
    assert "<form" not in html


@pytest.mark.parametrize("name", ["sign_form", "sign_buttons"])
@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"state": "paused"}, "Paused"),
        ({"state": "won"}, "Won"),
        ({"closes_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "Closed"),
    ],
)
def test_another_campaigns_form_is_shown_only_while_it_is_open(
    name: str, values: dict[str, Any], label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "pledge_url", lambda _pledge, _locale: "https://x.example/other/")
    own, other = make_pledge(), make_pledge(title="Other")
    sign = SimpleNamespace(is_open=True, button_text="Sign it", kind="individual")

    def html() -> str:
        value = {"heading": "Help them too", "pledge": str(other.uuid)}
        return shown(name, value, pledge=own, sign=sign, form_shown=True)

    assert re.findall(r'<a [^>]*href="([^"]*)"', html()) == ["https://x.example/other/#sign"]
    assert "Add my name" in html()
    Pledge.objects.filter(pk=other.pk).update(**{"state": "open", "closes_at": None, **values})
    assert re.findall(r'<a [^>]*href="([^"]*)"', html()) == ["https://x.example/other/"]
    assert f'<span class="pledge-chip">{label}</span>' in html()
    assert "Help them too" in html()
    assert "Add my name" not in html()


def test_sign_buttons_link_to_each_way_to_sign() -> None:
    ways = [
        {"title": "As an individual", "url": "/individual/", "kind": "individual", "current": False},
        {"title": "For an organization", "url": "/organization/", "kind": "organization", "current": False},
    ]
    html = shown("sign_buttons", {"pledge": ""}, pledge=make_pledge(), signer_types=ways)
    assert re.findall(r'<a [^>]*href="([^"]*)"', html) == ["/individual/", "/organization/"]


def test_a_published_document_requires_a_page_or_a_file() -> None:
    block = PledgeBodyBlock().child_blocks["document"]
    value = block.to_python({"heading": "A summary", "text": "", "page": None, "document": None})
    with pytest.raises(StructBlockValidationError):
        block.clean(value)
    block.defer_required_validation()
    assert block.clean(value)["heading"] == "A summary"


def test_the_pledge_chooser_stores_the_uuid() -> None:
    pledge = make_pledge(state="open")
    block = PledgeChoiceBlock()
    assert block.clean(str(pledge.uuid)) == str(pledge.uuid)
    assert block.clean("") == ""
    assert block.value_from_datadict({"b": ""}, {}, "b") == ""
    assert UUID(block.get_prep_value(block.clean(str(pledge.uuid)))) == pledge.uuid


def test_an_unknown_user_is_offered_publicly_visible_pledges() -> None:
    pledge, draft = make_pledge(state="open"), make_pledge(title="Secret", state="draft")
    assert pledge_choices() == [("", "This page’s campaign"), (str(pledge.uuid), "Ratify")]
    with pytest.raises(ValidationError):
        PledgeChoiceBlock().clean(str(draft.uuid))


@pytest.mark.parametrize("name", ["rich_text", "faq"])
def test_editors_texts_are_searchable(name: str) -> None:
    block = BLOCKS[name]
    assert block.get_searchable_content(block.get_preview_value())


# Wagtail leaves the temporary file of a rendition to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_has_several_sizes_and_its_alternative_text() -> None:
    collection = Collection.objects.first() or Collection.add_root(name="Root")
    image = get_image_model().objects.create(
        title="March", file=get_test_image_file(size=(1600, 900)), collection=collection
    )
    value = {
        "image": {"image": image.pk, "alt_text": "People march", "decorative": False},
        "caption": "Los Angeles, 1 May",
        "credit": "Ana",
    }
    html = shown("image", value)
    assert 'alt="People march"' in html
    assert html.count("w,") == 2
    assert "Photo: Ana" in html
    gc.collect()
