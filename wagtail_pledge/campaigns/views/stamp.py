"""View that issues form stamps. A request of its own, so that the page with the form can be cached."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from wagtail_pledge.campaigns.access import Access, access_to
from wagtail_pledge.campaigns.views.responses import private_json_response
from wagtail_pledge.core.http import client_address, network_of, require_safe
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.flood import guard
from wagtail_pledge.signing.abuse.proof_of_work import FIELD, is_proof_of_work_enabled, issue_challenge
from wagtail_pledge.signing.services import shown_statement
from wagtail_pledge.signing.stamps import issue_stamp


@private_view
@require_safe
def stamp_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/stamp.json?statement=<sha256>`` → ``{"stamp": "…"}``, never cached.

    404 if the pledge never had a statement with that hash, or if the visitor may not see its pages. On a site with
    proof of work, during a surge or if the client's network posts too often, the response also has ``"altcha"``: a
    challenge for this form.
    """
    statement = shown_statement(pledge=pledge, sha256=request.GET.get("statement", ""))
    if statement is None or _is_denied(request, statement):
        return private_json_response({"error": "unknown statement"}, status=404)
    answer: dict[str, Any] = {"stamp": issue_stamp(statement.sha256, statement.db_now)}
    # A network that posts too often is refused without a solved challenge
    is_busy = guard.is_busy(network_of(client_address(request)))
    if (statement.is_surge or is_busy) and is_proof_of_work_enabled():
        answer[FIELD] = issue_challenge(pledge, statement.db_now)
    return private_json_response(answer, status=200)


def _is_denied(request: HttpRequest, statement: Any) -> bool:
    access = access_to(request, statement.signer_type.pledge, is_restricted=statement.is_restricted)
    return access is Access.DENIED
