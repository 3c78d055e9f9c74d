"""The names on a page: what the website makes of what strangers have typed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from tests.blocks.test_blocks import BLOCKS, make_pledge, shown
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.signing.services import approve_logo, logo_digest, submit_logo
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9", "SN5")]

XSS = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def pledge() -> Pledge:
    return make_pledge(state="open")


def signs(pledge: Pledge, name: str, **values: Any) -> Any:
    signature = SignatureFactory(pledge=pledge, name=name, **{"display": "name", **values})
    long_ago = database_now() - dt.timedelta(hours=72)
    get_signature_model()._default_manager.filter(pk=signature.pk).update(confirmed_at=long_ago)
    return signature


def joins(pledge: Pledge, organization: str, website: str = "", city: str = "", **values: Any) -> Any:
    details = {name: text for name, text in (("website", website), ("city", city)) if text}
    values = {"approval": Approval.APPROVED, "display": "name", "details": details, **values}
    return SignatureFactory(pledge=pledge, kind="organization", organization=organization, **values)


def words(html: str) -> list[str]:
    return re.findall(r"<bdi[^>]*>(.*?)</bdi>", html)


def test_names_of_any_script_stand_apart_from_their_neighbours(pledge: Pledge) -> None:
    for name in ("Ana López", "ليلى حداد", "王小明"):
        signs(pledge, name)
    html = shown("recent_signers", {"heading": "They signed", "pledge": "", "limit": 12}, pledge=pledge)
    assert sorted(words(html)) == sorted(["Ana López", "ليلى حداد", "王小明"])
    assert html.count('<li><bdi dir="auto">') == 3


def test_a_name_that_is_held_is_not_shown(pledge: Pledge) -> None:
    signs(pledge, "Shown")
    signs(pledge, "Held", review=Review.NEEDS_REVIEW)
    signs(pledge, "Moderated", review=Review.INVALID)
    signs(pledge, "Hidden", display="hidden")
    html = shown("recent_signers", {"pledge": "", "limit": 12}, pledge=pledge)
    assert words(html) == ["Shown"]


def test_an_organization_is_shown_without_the_person(pledge: Pledge) -> None:
    joins(pledge, "Casa", "https://casa.example/", name="Clara Clerk", email="clara@casa.example")
    joins(pledge, "Waiting", approval=Approval.WAITING)
    html = shown("organizations", {"pledge": "", "limit": 60}, pledge=pledge)
    assert words(html) == ["Casa"]
    assert re.findall(r'<a href="([^"]*)" rel="([^"]*)"', html) == [
        ("https://casa.example/", "nofollow ugc noopener noreferrer")
    ]
    assert "Clara" not in html
    assert "clara" not in html


@pytest.mark.requirement("SN2")
def test_what_somebody_typed_is_text_and_never_runs(pledge: Pledge) -> None:
    joins(pledge, XSS, f"javascript:alert(1)//{XSS}")
    joins(pledge, "Casa", f"https://casa.example/{XSS}")
    signs(pledge, XSS)
    page = {"pledge": pledge}
    html = "".join(shown(name, {"pledge": "", "limit": 60}, **page) for name in ("organizations", "recent_signers"))
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html
    assert re.findall(r"<(\w+)", html).count("a") == 1
    assert html.count("&lt;script&gt;") >= 2


def test_prominent_organizations_come_first_where_an_editor_says_so(pledge: Pledge) -> None:
    for name in ("Alpha", "Beta", "Zeta"):
        joins(pledge, name)
    value = {"pledge": "", "limit": 2, "first": "Zeta\nBeta"}
    assert words(shown("organizations", value, pledge=pledge)) == ["Zeta", "Beta"]


def test_a_wall_shows_approved_logos_and_else_the_name(pledge: Pledge, django_assert_num_queries: Any) -> None:
    joins(pledge, f"Casa {XSS}"[:120], "https://casa.example/", city="Fresno", display="name_place")
    waiting, bare = joins(pledge, "Waits"), joins(pledge, "Without", "javascript:alert(1)")
    shown_one = get_signature_model()._default_manager.exclude(pk__in=[waiting.pk, bare.pk]).get()
    for signature in (shown_one, waiting):
        submit_logo(signature, b"A picture")
    approve_logo(shown_one, digest=logo_digest(b"A picture"))
    with django_assert_num_queries(1):
        html = shown("organizations", {"pledge": "", "limit": 60, "layout": "wall"}, pledge=pledge)
    assert words(html) == ["Waits", "Without"]
    (picture,) = re.findall(r"<img [^>]*>", html)
    assert re.search(r'src="/media/wagtail_pledge/logos/\w{32}\.webp" width="240" height="120"', picture)
    assert 'alt="Casa &lt;script&gt;' in picture
    assert re.findall(r'<a href="([^"]*)"', html) == ["https://casa.example/"]
    assert "<script" not in html
    assert "javascript:" not in html
    assert "<img" not in shown("organizations", {"pledge": "", "limit": 60, "layout": "list"}, pledge=pledge)


@pytest.mark.requirement("P3")
@pytest.mark.parametrize("name", ["recent_signers", "organizations"])
def test_it_costs_one_query_however_many_signed(pledge: Pledge, name: str, django_assert_num_queries: Any) -> None:
    for number in range(9):
        signs(pledge, f"Ana {number}")
        joins(pledge, f"Casa {number}")
    value = BLOCKS[name].get_prep_value({"pledge": "", "limit": 60})
    with django_assert_num_queries(1):
        assert len(words(shown(name, value, pledge=pledge))) == 9
