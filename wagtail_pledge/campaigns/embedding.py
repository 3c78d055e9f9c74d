"""Embedding: the sign form in an iframe on another website, and which origins may frame the pages after it.

The embed page lists the allowed origins in its content security policy. Its form passes them on in a sealed token, with
the pledge and the time, in the URLs of the sign endpoint and the inbox page. Those responses may then be framed by the
origins in the token that the pledge still allows, for as long as the form can be sent. No other page reads the token,
so none can be framed.
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
from wagtail_pledge.campaigns.csp import HEADER, add_csp_header, build_csp
from wagtail_pledge.core.crypto import seal_json, unseal_json
from wagtail_pledge.signing.models import EmbedOrigin
from wagtail_pledge.signing.services.statement_cache import remember
from wagtail_pledge.signing.stamps import is_fresh

#: Query parameter of the token.
PARAMETER: Final = "embed"
_CONTEXT: Final = b"embed"
_MAX_TOKEN_CHARS: Final = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The iframe that a request comes from.

    ``url`` is the embed page's URL, ``origins`` may frame the response, ``issued_at`` is when the form was rendered.
    """

    url: str
    pledge: UUID
    origins: Sequence[str]
    issued_at: dt.datetime

    @property
    def token(self) -> str:
        """The query parameter with the sealed token: ``embed=…``."""
        fields = [int(self.issued_at.timestamp()), self.pledge.hex, self.url, list(self.origins)]
        return f"{PARAMETER}={seal_json(fields, _CONTEXT)}"

    def url_with_token(self, address: str) -> str:
        """Return ``address`` with the token added to its query."""
        return f"{address}{'&' if '?' in address else '?'}{self.token}"


def read_embedding(request: HttpRequest) -> Embedding | None:
    """Return the embedding from the token in the request's URL, of any age; ``None`` without a valid one. No query."""
    fields = unseal_json(request.GET.get(PARAMETER, ""), _CONTEXT, max_length=_MAX_TOKEN_CHARS)
    if fields is None:
        return None
    issued, pledge, url, origins = fields
    issued_at = dt.datetime.fromtimestamp(issued, dt.UTC)
    return Embedding(url=url, pledge=UUID(pledge), origins=origins, issued_at=issued_at)


def load_embedding(request: HttpRequest, **pledge: Any) -> Embedding | None:
    """Read the token in the request's URL, so that the response may be framed; return the embedding.

    ``pledge`` is a lookup for the pledge that the request is about (``pledge=<pk>`` or ``pledge__uuid=<uuid>``);
    without one, any pledge is accepted. One query if there is a token, none if
    it was read in the last two seconds. ``None`` if the token has expired, is for
    another pledge, or names no origin that the pledge still allows.
    """
    claimed = read_embedding(request)
    embedding = _with_allowed_origins(claimed, pledge) if claimed is not None else None
    request.pledge_embedding = embedding  # type: ignore[attr-defined]
    return embedding


def _with_allowed_origins(claimed: Embedding, pledge: dict[str, Any]) -> Embedding | None:
    allowed = EmbedOrigin.objects.filter(pledge__uuid=claimed.pledge, origin__in=claimed.origins).filter(**pledge)
    try:
        key = ("origins", claimed.pledge, tuple(claimed.origins), tuple(pledge.items()))
        found, age = remember(key, lambda: list(allowed.order_by("origin").values_list("origin", Now())) or None)
    except DatabaseError:
        # The response can only be the error page, which may be framed
        return claimed
    if not found or not is_fresh(claimed.issued_at, found[0][1] + dt.timedelta(seconds=age)):
        return None
    return replace(claimed, origins=list(dict.fromkeys(origin for origin, _now in found)))


def get_embedding(request: HttpRequest) -> Embedding | None:
    """Return what :func:`load_embedding` stored on the request; ``None`` if the view did not call it."""
    embedding: Embedding | None = getattr(request, "pledge_embedding", None)
    return embedding


def embed_context(embedding: Embedding) -> dict[str, Any]:
    """Return the template context in an iframe: no header or footer, and links back lead to the embed page."""
    return {"embed_origins": " ".join(embedding.origins), "pledge_url": embedding.url}


def apply_embedding(sign: SignContext, embedding: Embedding) -> None:
    """Add the token to the form's action, and open its links in a new tab: their pages cannot be framed."""
    sign.action = embedding.url_with_token(sign.action)
    sign.privacy_note = expand_db_html(sign.privacy_note).replace("<a ", '<a target="_blank" rel="noopener" ')


def allow_framing(request: HttpRequest, response: HttpResponse, origins: Sequence[str]) -> HttpResponse:
    """Allow only ``origins`` to frame the response; return it with the content security policy."""
    if origins:
        response[HEADER] = build_csp(origins)
        response.xframe_options_exempt = True
    add_csp_header(request, response)
    return response
