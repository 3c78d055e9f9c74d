"""Answers to editors' questions, as staff read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Campaign
from tests.admin.responses import text
from wagtail_pledge.testing.factories import SignatureFactory, StatementFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG9"), pytest.mark.swappable]

Login = Callable[[str], Client]
QUESTIONS: list[dict[str, Any]] = [
    {"slug": "topic", "type": "choose_one", "label": "What matters?", "choices": [["work", "Fair <work>"]]},
    {"slug": "zip", "type": "retired_type", "label": "Old postcode"},
    {"slug": "story", "type": "long_text", "label": "Your story"},
]
ANSWERS = {"topic": "work", "zip": {"code": "94612"}, "story": "One\nTwo", "lost": "Kept"}


@pytest.fixture
def signature_with_answers(our_campaign: Campaign) -> Any:
    statement = StatementFactory(signer_type=our_campaign.person.signer_type, questions=QUESTIONS)
    return SignatureFactory(pledge=our_campaign.pledge, statement=statement, email="luz@example.org", answers=ANSWERS)


def inspected(client: Client, signature: Any) -> str:
    answer = client.get(reverse("wagtail_pledge_signatures:inspect", args=[signature.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_questions_and_answers_stand_beside_the_name(log_in: Login, signature_with_answers: Any) -> None:
    page = inspected(log_in("moderator"), signature_with_answers)
    assert "What matters?" in page
    assert "Fair &lt;work&gt;" in page
    assert "One<br>Two" in page


def test_an_answer_outlives_its_question_and_the_type_of_it(log_in: Login, signature_with_answers: Any) -> None:
    StatementFactory(signer_type=signature_with_answers.signer_type, questions=[])
    page = text(log_in("moderator").get(reverse("wagtail_pledge_signatures:inspect", args=[signature_with_answers.pk])))
    for shown in ("Old postcode", "{'code': '94612'}", "Lost", "Kept", "What matters?"):
        assert shown in page


@pytest.mark.parametrize("role", ["viewer", "blind moderator"])
def test_answers_need_the_right_to_see_who_signed(log_in: Login, signature_with_answers: Any, role: str) -> None:
    page = inspected(log_in(role), signature_with_answers)
    for secret in ("What matters?", "Fair", "94612", "Kept"):
        assert secret not in page


def test_the_record_of_a_statement_shows_what_was_asked(log_in: Login, signature_with_answers: Any) -> None:
    page = text(
        log_in("superuser").get(
            reverse("wagtail_pledge_statements:inspect", args=[signature_with_answers.statement_id])
        )
    )
    for shown in ("What matters?", "Choose one", "Fair <work>", "Old postcode", "retired_type"):
        assert shown in page
