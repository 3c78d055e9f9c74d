"""Reading a sign request's body: small, one value a field, form-encoded or JSON.

Only an editor's question may come with several values; they are joined by ``SEPARATOR``, which no other field takes.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.questions import PREFIX, SEPARATOR

FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
JSON_TYPE = "application/json"
#: The status for a body that is neither.
UNKNOWN_TYPE: Final = 415


class BadBody(PledgeError):
    """The body can't be read; ``status`` is the HTTP answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("bad_body", message)
        self.status = status


def wants_json(request: HttpRequest) -> bool:
    """Whether the request came through the JSON door."""
    return request.content_type == JSON_TYPE


def read_body(request: HttpRequest) -> dict[str, str]:
    """Return one text a field. Raises :class:`BadBody` with 400, 413 or 415; nothing is parsed beyond the size
    limit.
    """
    check_query(request)
    limit = get_setting("SIGN_BODY_MAX_BYTES")
    if _declared_length(request) > limit:
        raise BadBody(413, _("The form is too large"))
    if wants_json(request):
        return _from_json(request, limit)
    if request.content_type not in FORM_TYPES:
        raise BadBody(UNKNOWN_TYPE, _("Send the form as application/x-www-form-urlencoded or application/json"))
    return _from_form(request)


def check_query(request: HttpRequest) -> None:
    """Raise :class:`BadBody` with 400 if the address says something twice."""
    if any(len(values) > 1 for _name, values in request.GET.lists()):
        raise BadBody(400, _("A field was sent more than once"))


def sent_as(name: str, value: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs that a browser sends to have ``value`` read as ``name``."""
    return [(name, one) for one in (value.split(SEPARATOR) if _is_question(name) else [value])]


def _declared_length(request: HttpRequest) -> int:
    declared = request.headers.get("content-length") or "0"
    if not declared.isascii() or not declared.isdigit():
        raise BadBody(400, _("The length of the form can’t be read"))
    return int(declared[:20])


def _from_form(request: HttpRequest) -> dict[str, str]:
    try:
        post, query = request.POST, request.GET
    except (
        BadRequest,
        MultiPartParserError,
        RequestDataTooBig,
        SuspiciousOperation,
        UnreadablePostError,
        UnicodeError,
        LookupError,
    ):
        raise BadBody(400, _("The form can’t be read")) from None
    if any(len(values) > 1 and not _is_question(key) for key, values in post.lists()) or set(post) & set(query):
        raise BadBody(400, _("A field was sent more than once"))
    return {key: SEPARATOR.join(values) for key, values in post.lists() if all(isinstance(v, str) for v in values)}


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadBody(400, _("A field was sent more than once"))
    return found


def _from_json(request: HttpRequest, limit: int) -> dict[str, str]:
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise BadBody(413, _("The form is too large"))
    try:
        data = json.loads(raw, object_pairs_hook=_refuse_twins)
    except (ValueError, RecursionError):
        raise BadBody(400, _("The body is no JSON")) from None
    if not isinstance(data, dict):
        raise BadBody(400, _("Send one object of texts and booleans"))
    texts = {key: _answer(value) if _is_question(key) else _text(value) for key, value in data.items()}
    return {key: value.encode("utf-8", "replace").decode() for key, value in texts.items()}


def _is_question(name: str) -> bool:
    return name.startswith(PREFIX)


def _text(value: Any) -> str:
    if not isinstance(value, str | bool):
        raise BadBody(400, _("Send one object of texts and booleans"))
    return value if isinstance(value, str) else ("on" if value else "")


def _answer(value: Any) -> str:
    """Return an editor's question as the form would send it: also a number, or a list of texts."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        raise BadBody(400, _("Answer a question with a text, a number, a boolean or a list of texts"))
    return str(value)


class Origin(Enum):
    """What the browser says about where the POST comes from."""

    OURS = "ours"
    FOREIGN = "foreign"
    SILENT = "silent"


def origin_of(request: HttpRequest) -> Origin:
    """Return where the POST comes from. ``Sec-Fetch-Site`` decides where it is present; ``Origin`` otherwise.

    A page with ``Referrer-Policy: no-referrer`` sends ``Origin: null``, which is refused when nothing else
    speaks for it.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return Origin.OURS if site in {"same-origin", "none"} else _by_origin(request, default=Origin.FOREIGN)
    return _by_origin(request, default=Origin.SILENT)


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another website sent this POST to an address that holds a secret.

    Our own pages there send no referrer, so a browser without ``Sec-Fetch-Site`` says ``Origin: null``: the secret
    speaks for it.
    """
    if "Sec-Fetch-Site" not in request.headers and request.headers.get("Origin") == "null":
        return False
    return origin_of(request) is Origin.FOREIGN


def _by_origin(request: HttpRequest, *, default: Origin) -> Origin:
    origin = request.headers.get("Origin")
    if origin is None:
        return default
    # Taken apart by hand: ``urlsplit`` raises on a host that is none
    return Origin.OURS if origin.partition("://")[2] == request.get_host() else Origin.FOREIGN
