"""The form in a frame of another website: who may show it, and what the pages in the frame need to know.

The embed page names the allowed origins in its policy. Its form carries them on, sealed with the pledge and the time,
in the address of the sign endpoint and of the inbox page, so that the answers can be shown in the same frames: as long
as the form can be sent, and by those that the pledge still allows. No other page reads the mark, so none can be framed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from wagtail.rich_text import expand_db_html

from wagtail_pledge.campaigns.context.form import SignContext
from wagtail_pledge.core.crypto import seal_json, unseal_json
from wagtail_pledge.core.csp import HEADER, content_policy, with_policy
from wagtail_pledge.signing.models import EmbedOrigin
from wagtail_pledge.signing.stamps import is_fresh

#: Name of the mark in an address.
PARAMETER: Final = "embed"
_CONTEXT: Final = b"embed"
_MARK_CHARS: Final = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The frame that a request comes from: the form's own address there, the pledge, the origins that may show it, and
    when the form was.
    """

    url: str
    pledge: UUID
    origins: Sequence[str]
    issued_at: dt.datetime

    @property
    def mark(self) -> str:
        """``embed=…`` for an address."""
        fields = [int(self.issued_at.timestamp()), self.pledge.hex, self.url, list(self.origins)]
        return f"{PARAMETER}={seal_json(fields, _CONTEXT)}"

    def marked(self, address: str) -> str:
        """Return ``address`` with the mark."""
        return f"{address}{'&' if '?' in address else '?'}{self.mark}"


def embedding_of(request: HttpRequest) -> Embedding | None:
    """Return the frame that the address of the request speaks of, if the mark is ours, however old; no query."""
    fields = unseal_json(request.GET.get(PARAMETER, ""), _CONTEXT, max_length=_MARK_CHARS)
    if fields is None:
        return None
    issued, pledge, url, origins = fields
    issued_at = dt.datetime.fromtimestamp(issued, dt.UTC)
    return Embedding(url=url, pledge=UUID(pledge), origins=origins, issued_at=issued_at)


def remember(request: HttpRequest, **pledge: Any) -> Embedding | None:
    """Let the answers to this request be shown in the frame that its address speaks of; return it.

    ``pledge`` says of which one the request is (``pledge=`` its key, ``pledge__uuid=``), nothing: of any. One query
    where there is a frame. It is none where the pledge does not allow it any more.
    """
    known = embedding_of(request)
    embedding = _still_allowed(known, pledge) if known is not None else None
    request.pledge_embedding = embedding  # type: ignore[attr-defined]
    return embedding


def _still_allowed(known: Embedding, pledge: dict[str, Any]) -> Embedding | None:
    rows = EmbedOrigin.objects.filter(pledge__uuid=known.pledge, origin__in=known.origins).filter(**pledge)
    try:
        found = list(rows.order_by("origin").values_list("origin", Now()))
    except DatabaseError:
        # Nothing can be shown but that something is wrong on our side
        return known
    if not found or not is_fresh(known.issued_at, found[0][1]):
        return None
    return replace(known, origins=list(dict.fromkeys(origin for origin, _now in found)))


def remembered(request: HttpRequest) -> Embedding | None:
    """Return what :func:`remember` found, ``None`` for every other view."""
    found: Embedding | None = getattr(request, "pledge_embedding", None)
    return found


def embedded_context(embedding: Embedding) -> dict[str, Any]:
    """Return what the templates need in a frame: no header and footer, and every way back leads to the form there."""
    return {"embed_origins": " ".join(embedding.origins), "pledge_url": embedding.url}


def put_in_frame(sign: SignContext, embedding: Embedding) -> None:
    """Let the form send the frame's mark along, and its links open outside: what they lead to can't be shown there."""
    sign.action = embedding.marked(sign.action)
    sign.privacy_note = expand_db_html(sign.privacy_note).replace("<a ", '<a target="_blank" rel="noopener" ')


def framed(request: HttpRequest, response: HttpResponse, origins: Sequence[str]) -> HttpResponse:
    """Let these origins show the response in a frame, and nobody else."""
    if origins:
        response[HEADER] = content_policy(origins)
        response.xframe_options_exempt = True  # type: ignore[attr-defined]
    return with_policy(request, response)  # type: ignore[no-any-return]
