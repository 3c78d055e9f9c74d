"""The small uncached request that lets the page itself be cached by anyone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from wagtail_pledge.campaigns.views.answers import json_answer
from wagtail_pledge.core.http import read_only
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.proofs import FIELD, is_offered, issue_challenge
from wagtail_pledge.signing.services import shown_statement
from wagtail_pledge.signing.stamps import issue_stamp


@private_view
@read_only
def stamp_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/stamp.json?statement=<sha256>`` → ``{"stamp": "…"}``, never cached; 404 for a text we
    never showed.

    In a surge, where the site offers proof of work, ``"altcha"`` is a challenge for this form.
    """
    statement = shown_statement(pledge=pledge, sha256=request.GET.get("statement", ""))
    if statement is None:
        return json_answer({"error": "unknown statement"}, status=404)
    answer: dict[str, Any] = {"stamp": issue_stamp(statement.sha256, statement.db_now)}
    if statement.is_surge and is_offered():
        answer[FIELD] = issue_challenge(pledge, statement.db_now)
    return json_answer(answer, status=200)
