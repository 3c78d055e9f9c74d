"""The blocks on who decides: decision-makers and the decision path, with dates, sources and translations."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import strip_tags
from wagtail import hooks

from tests.blocks.test_blocks import BLOCKS, make_pledge, shown
from tests.decisions import translate
from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.kinds import SignerKind
from wagtail_pledge.signing.kinds.registry import HOOK, kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import public_signers, withdraw
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeRecipientFactory,
    RecipientFactory,
    SignatureFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9", "DL1")]

XSS = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
MAKERS = {"heading": "", "text": "", "pledge": "", "signers": ""}
PATH = {"heading": "", "text": "", "pledge": ""}


@pytest.fixture
def pledge() -> Pledge:
    return make_pledge(state="open")


def words(html: str) -> str:
    return re.sub(r"\s+", " ", strip_tags(html)).strip()


def urge(pledge: Pledge, **values: Any) -> Any:
    return PledgeRecipientFactory(pledge=pledge, recipient=RecipientFactory(**values)).recipient


class TestDecisionMakers:
    def test_office_place_position_with_its_date_and_source_and_contact(self, pledge: Pledge) -> None:
        urge(
            pledge,
            office="Chair of the committee",
            name="A. Person",
            place="Springfield",
            website="https://office.example/write",
            email="chair@office.example",
            phone="+1 202 555 0100",
            address="1 Main Street\nSpringfield",
            position=Position.OPPOSES,
            position_on=dt.date(2026, 2, 3),
            position_source="https://press.example/1",
        )
        html = shown("decision_makers", MAKERS, pledge=pledge)
        assert words(html) == (
            "Who decides A. Person Chair of the committee, Springfield Position: Opposes it, 3 February 2026 "
            "Source A. Person Contact page A. Person chair@office.example +1 202 555 0100 1 Main StreetSpringfield"
        )
        assert re.findall(r'(?:href|datetime)="([^"]*)"', html)[1:] == [
            "2026-02-03",
            "https://press.example/1",
            "https://office.example/write",
            "mailto:chair@office.example",
            "tel:+12025550100",
        ]

    def test_an_office_without_a_name_and_position_says_so(self, pledge: Pledge) -> None:
        urge(pledge, office="The Senate")
        html = shown("decision_makers", {**MAKERS, "heading": "Whom we urge", "text": "All of it."}, pledge=pledge)
        assert words(html) == "Whom we urge All of it. The Senate Position: none on record"
        assert "<time" not in html

    def test_they_are_in_the_campaigns_order_and_only_its_own(self, pledge: Pledge) -> None:
        for order, office in ((2, "Second"), (1, "First")):
            PledgeRecipientFactory(pledge=pledge, recipient=RecipientFactory(office=office), sort_order=order)
        urge(make_pledge(title="Other"), office="Foreign")
        html = shown("decision_makers", MAKERS, pledge=pledge)
        assert re.findall(r"<h3><bdi>(.*?)</bdi>", html) == ["First", "Second"]
        assert "Foreign" not in html

    def test_another_campaigns_are_shown_where_it_is_chosen(self, pledge: Pledge) -> None:
        urge(pledge, office="The Senate")
        assert "The Senate" in shown("decision_makers", {**MAKERS, "pledge": str(pledge.uuid)})

    @pytest.mark.requirement("RE5")
    def test_office_and_place_are_translated_where_an_editor_did(self, pledge: Pledge) -> None:
        senate = urge(pledge, office="The Senate", place="Washington")
        translate(senate, office="El Senado")
        with translation.override("es"):
            html = words(shown("decision_makers", MAKERS, pledge=pledge))
        assert html == "Quién decide El Senado Washington Postura: no consta"
        with translation.override("ar"):
            assert "The Senate" in shown("decision_makers", MAKERS, pledge=pledge)

    def test_texts_are_escaped_and_other_addresses_than_web_addresses_are_left_out(self, pledge: Pledge) -> None:
        urge(
            pledge,
            office=XSS,
            place=XSS,
            website="javascript:alert(1)",
            address=XSS,
            position=Position.SUPPORTS,
            position_on=dt.date(2026, 2, 3),
            position_source="javascript:alert(1)",
        )
        html = shown("decision_makers", MAKERS, pledge=pledge)
        for part in ("<script", "<img", "javascript:"):
            assert part not in html
        assert "Supports it" in html


class Mayor(SignerKind):
    slug = "mayor"
    label = plural = "mayors"

    def public_name(self, *, name: str, country: str, display: str, details: Any) -> str:
        return f"{name}, mayor"

    def is_always_public(self) -> bool:
        return True


@pytest.fixture
def mayors() -> Any:
    with hooks.register_temporarily(HOOK, Mayor):
        kinds.cache_clear()
        yield
    kinds.cache_clear()


@pytest.mark.requirement("SN1")
@pytest.mark.usefixtures("mayors")
class TestOfficialsWhoSigned:
    VALUE = {**MAKERS, "signers": "mayor"}

    def sign(self, pledge: Pledge, name: str, **values: Any) -> Any:
        return SignatureFactory(
            pledge=pledge, kind="mayor", name=name, display="name", **{"approval": Approval.APPROVED, **values}
        )

    def names(self, html: str) -> list[str]:
        return re.findall(r'<li><bdi dir="auto">(.*?)</bdi>', html)

    def test_approved_ones_are_named_in_alphabetical_order(self, pledge: Pledge) -> None:
        urge(pledge)
        self.sign(pledge, "Zoe")
        self.sign(pledge, "Ana")
        self.sign(pledge, "Waits", approval=Approval.WAITING)
        self.sign(pledge, "Refused", approval=Approval.REJECTED)
        SignatureFactory(pledge=pledge, name="Person", display="name", approval=Approval.APPROVED)
        html = shown("decision_makers", self.VALUE, pledge=pledge)
        assert self.names(html) == ["Ana, mayor", "Zoe, mayor"]
        assert "Mayors who have signed" in html
        assert self.names(shown("decision_makers", MAKERS, pledge=pledge)) == []

    def test_one_that_withdraws_is_gone_and_the_block_says_that_nobody_has_signed(self, pledge: Pledge) -> None:
        urge(pledge)
        withdraw(self.sign(pledge, "Ana"), epoch=1)
        html = shown("decision_makers", self.VALUE, pledge=pledge)
        assert self.names(html) == []
        assert "Nobody so far." in html

    def test_people_are_never_listed_by_kind(self, pledge: Pledge) -> None:
        SignatureFactory(pledge=pledge, name="Person", display="name", approval=Approval.APPROVED)
        assert public_signers(pledge, "individual", 100) == ()
        choices = dict(BLOCKS["decision_makers"].child_blocks["signers"].field.choices)
        assert list(choices) == ["", "mayor"]

    @pytest.mark.requirement("PV2")
    def test_a_page_that_names_them_is_cached_as_briefly_as_one_with_names(self, pledge: Pledge) -> None:
        urge(pledge)
        for value, expected in ((MAKERS, False), (self.VALUE, True)):
            request = RequestFactory().get("/")
            block = BLOCKS["decision_makers"]
            block.bind(block.to_python(value)).render({"request": request, "pledge": pledge})
            assert getattr(request, "pledge_shows_names", False) is expected


class TestDecisionPath:
    def test_state_who_can_move_it_and_dated_evidence(self, pledge: Pledge) -> None:
        chair = RecipientFactory(office="Chair of the committee", name="A. Person")
        done = DecisionStageFactory(pledge=pledge, name="The bill is filed", state=StageState.DONE)
        EvidenceFactory(stage=done, day=dt.date(2026, 1, 5), text="Filed.", source="https://record.example/1")
        EvidenceFactory(stage=done, day=dt.date(2026, 1, 9), text="Printed.", source="javascript:alert(1)")
        DecisionStageFactory(
            pledge=pledge, name="The committee votes", text="In public.", state=StageState.UNDER_WAY, recipient=chair
        )
        DecisionStageFactory(pledge=pledge, name="The Senate votes")
        html = shown("decision_path", {**PATH, "text": "Three steps."}, pledge=pledge)
        assert words(html) == (
            "The way to the decision Three steps. "
            "The bill is filed Done 9 January 2026: Printed. 5 January 2026: Filed. Source Filed. "
            "The committee votes Under way In public. Who can move it: A. Person, Chair of the committee "
            "No evidence on record yet. The Senate votes Not started No evidence on record yet."
        )
        assert re.findall(r'<li class="pledge-path--(\w+)"( aria-current="step")?', html) == [
            ("done", ""),
            ("under_way", ' aria-current="step"'),
            ("not_started", ""),
        ]
        assert "javascript:" not in html

    @pytest.mark.requirement("RE5")
    def test_every_text_is_translated_where_an_editor_did(self, pledge: Pledge) -> None:
        senate = RecipientFactory(office="The Senate")
        translate(senate, office="El Senado")
        stage = DecisionStageFactory(pledge=pledge, name="The vote", text="Two thirds.", recipient=senate)
        translate(stage, name="La votación", text="Dos tercios.")
        translate(stage, "es-mx", name="El voto", text="Dos de tres.")
        translate(EvidenceFactory(stage=stage), text="Sucedió.")
        with translation.override("es"):
            html = words(shown("decision_path", PATH, pledge=pledge))
        for text in ("La votación", "Dos tercios.", "El Senado", "Sin empezar", "Quién puede", "Sucedió."):
            assert text in html
        assert "3 de febrero de 2026: Sucedió." in html
        for text in ("The vote", "El voto", "Two thirds.", "It happened."):
            assert text not in html

    def test_much_evidence_of_one_stage_does_not_hide_later_ones(
        self, pledge: Pledge, django_assert_num_queries: Any
    ) -> None:
        first = DecisionStageFactory(pledge=pledge, name="First")
        evidence = EvidenceFactory(stage=first, day=dt.date(2020, 1, 1), text="Fact 0.")
        type(evidence).objects.bulk_create(
            type(evidence)(stage=first, day=dt.date(2020, 1, 1) + dt.timedelta(days=number), text=f"Fact {number}.")
            for number in range(1, 600)
        )
        EvidenceFactory(stage=DecisionStageFactory(pledge=pledge, name="Second"), text="It moved.")
        DecisionStageFactory(pledge=pledge, name="Third")
        with django_assert_num_queries(1):
            html = words(shown("decision_path", PATH, pledge=pledge))
        assert re.findall(r"Fact (\d+)\.", html)[0] == "599"
        assert set(re.findall(r"Fact (\d+)\.", html)) == {str(number) for number in range(580, 600)}
        assert "and 580 more Second" in html
        assert "It moved. Third Not started No evidence" in html
        assert html.count("more") == 1

    def test_texts_are_escaped(self, pledge: Pledge) -> None:
        stage = DecisionStageFactory(pledge=pledge, name=XSS, text=XSS, recipient=RecipientFactory(office=XSS))
        EvidenceFactory(stage=stage, text=XSS)
        html = shown("decision_path", PATH, pledge=pledge)
        assert "<script" not in html
        assert "<img" not in html

    def test_an_unknown_state_of_a_newer_version_does_not_break_the_page(self, pledge: Pledge) -> None:
        DecisionStageFactory(pledge=pledge, state="vetoed")
        assert "Not started" in shown("decision_path", PATH, pledge=pledge)


@pytest.mark.parametrize("name", ["decision_makers", "decision_path"])
def test_an_unsaved_pledge_of_a_preview_has_no_decision(name: str) -> None:
    assert shown(name, {"heading": "Who"}, pledge=Pledge(title="New")) == ""
    assert "pledge-empty" in shown(name, {"heading": "Who"}, is_preview=True, pledge=Pledge(title="New"))
    assert shown(name, {"heading": "Who"}, page=SimpleNamespace()) == ""


@pytest.mark.requirement("P12")
@pytest.mark.parametrize("name", ["decision_makers", "decision_path"])
def test_only_the_blocks_link_their_stylesheet(name: str, pledge: Pledge) -> None:
    urge(pledge)
    DecisionStageFactory(pledge=pledge)
    assert 'css/decision.css"' in shown(name, {"heading": ""}, pledge=pledge)
    assert "decision.css" not in shown("progress", {"heading": "", "pledge": ""}, pledge=pledge)
