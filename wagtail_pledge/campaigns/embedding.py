"""The form in a frame of another website: who may show it, and what the pages in the frame need to know.

The embed page names the allowed origins in its policy. Its form carries them on, sealed, in the address of the sign
endpoint and of the inbox page, so that the answers can be shown in the same frames and ask the database nothing. No
other page reads the mark, so no other page can be framed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from wagtail.rich_text import expand_db_html

from wagtail_pledge.campaigns.sign_context import SignContext
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.policy import HEADER, content_policy, with_policy
from wagtail_pledge.core.sealing import seal, unseal
from wagtail_pledge.core.tokens import decode_base64

#: Name of the mark in an address.
PARAMETER: Final = "embed"
_CONTEXT: Final = b"embed"
_MARK_CHARS: Final = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The frame that a request comes from: the form's own address there, and the origins that may show it."""

    url: str
    origins: Sequence[str]

    @property
    def mark(self) -> str:
        """``embed=…`` for an address."""
        sealed = seal(json.dumps([self.url, list(self.origins)]).encode(), _CONTEXT)
        return f"{PARAMETER}={base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}"

    def marked(self, address: str) -> str:
        """Return ``address`` with the mark."""
        return f"{address}{'&' if '?' in address else '?'}{self.mark}"


def embedding_of(request: HttpRequest) -> Embedding | None:
    """Return the frame that the address of the request speaks of, if the mark is ours; no query."""
    given = request.GET.get(PARAMETER, "")
    raw = decode_base64(given) if 0 < len(given) <= _MARK_CHARS else None
    if raw is None:
        return None
    try:
        url, origins = json.loads(unseal(raw, _CONTEXT))
    except PledgeError:
        return None
    return Embedding(url=url, origins=origins)


def remember(request: HttpRequest) -> Embedding | None:
    """Let the answers to this request be shown in the frame that its address speaks of; return it."""
    embedding = embedding_of(request)
    request.pledge_embedding = embedding  # type: ignore[attr-defined]
    return embedding


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
