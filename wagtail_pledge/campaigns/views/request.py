"""Parsing of the requests of public forms: body (form-encoded or JSON, limited in size), and origin.

Each field has one value. Only an editor's question may have several; they are joined by ``SEPARATOR``, which no other
field accepts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.http import PARSING_ERRORS
from wagtail_pledge.signing.addresses import suggested_address
from wagtail_pledge.signing.questions import PREFIX, SEPARATOR

FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
JSON_TYPE = "application/json"
#: The status of :class:`InvalidBody` for a body of any other type.
UNSUPPORTED_MEDIA_TYPE: Final = 415


class InvalidBody(PledgeError):
    """The request cannot be parsed; ``status`` is the HTTP status of the response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("bad_body", message)
        self.status = status


def wants_json(request: HttpRequest) -> bool:
    """Return whether the request has a JSON body, and so gets a JSON response."""
    return request.content_type == JSON_TYPE


def read_body(request: HttpRequest, *, several: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the fields, one string each; the values of those in ``several`` are joined by ``SEPARATOR``.

    Raises :class:`InvalidBody` with status 400, 413 or 415. A body above ``SIGN_BODY_MAX_BYTES`` is not parsed.
    """
    check_query(request)
    limit = get_setting("SIGN_BODY_MAX_BYTES")
    if _declared_length(request) > limit:
        raise InvalidBody(413, _("The form is too large"))
    if not wants_json(request) and request.content_type not in FORM_TYPES:
        raise InvalidBody(
            UNSUPPORTED_MEDIA_TYPE, _("Send the form as application/x-www-form-urlencoded or application/json")
        )
    raw = _raw_body(request, limit)
    data = _from_json(raw) if wants_json(request) else _from_form(request, raw, several)
    if set(data) & set(request.GET):
        raise InvalidBody(400, _("A field was sent more than once"))
    return data


def check_query(request: HttpRequest) -> None:
    """Raise :class:`InvalidBody` with status 400 if the URL's query has a parameter twice, or can't be decoded."""
    try:
        query = request.GET
    except PARSING_ERRORS:
        raise InvalidBody(400, _("The form can’t be read")) from None
    if any(len(values) > 1 for _name, values in query.lists()):
        raise InvalidBody(400, _("A field was sent more than once"))


def form_pairs(name: str, value: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a form that :func:`read_body` reads as ``value`` of ``name``."""
    return [(name, part) for part in (value.split(SEPARATOR) if _is_question(name) else [value])]


def _declared_length(request: HttpRequest) -> int:
    environment = request.META
    declared = str(environment.get("CONTENT_LENGTH") or "0")
    if not declared.isascii() or not declared.isdigit():
        raise InvalidBody(400, _("The length of the form can’t be read"))
    return int(declared[:20])


def _raw_body(request: HttpRequest, limit: int) -> bytes:
    """Return the whole body. A part of it is refused: the last field may be cut off, and would be half a name."""
    try:
        raw: bytes = request.read(limit + 1)
    except OSError:
        raise InvalidBody(400, _("The form can’t be read")) from None
    if len(raw) > limit:
        raise InvalidBody(413, _("The form is too large"))
    if len(raw) < _declared_length(request):
        raise InvalidBody(400, _("The form did not arrive completely. Send it again."))
    # Django parses it again for the page that is shown if the database is away
    request._body = raw  # noqa: SLF001 - as request.body does
    return raw


def _from_form(request: HttpRequest, raw: bytes, several: frozenset[str]) -> dict[str, str]:
    try:
        pairs = _parse_form(request, raw)
    except PARSING_ERRORS:
        raise InvalidBody(400, _("The form can’t be read")) from None
    data: dict[str, str] = {}
    for name, value in pairs:
        if name not in data:
            data[name] = value
        elif _is_question(name) or name in several:
            data[name] += SEPARATOR + value
        else:
            raise InvalidBody(400, _("A field was sent more than once"))
    return data


def _parse_form(request: HttpRequest, raw: bytes) -> list[tuple[str, str]]:
    """Return the fields, by the rules of ``HttpRequest.POST``, which can only parse a body that was not read before.

    A ``QueryDict`` takes twice as long.
    """
    if request.content_type == "multipart/form-data":
        fields = request.parse_file_upload(request.META, BytesIO(raw))[0]
        return [(name, value) for name, values in fields.lists() for value in values]
    if (request.encoding or "utf-8").lower() != "utf-8":
        raise BadRequest
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        # As Django does: browsers send ASCII, some other clients do not
        text = raw.decode("iso-8859-1")
    return parse_qsl(text, keep_blank_values=True, max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)


def _reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise InvalidBody(400, _("A field was sent more than once"))
    return data


def _from_json(raw: bytes) -> dict[str, str]:
    try:
        data = json.loads(raw, object_pairs_hook=_reject_duplicates)
    except (ValueError, RecursionError):
        raise InvalidBody(400, _("The body is not JSON")) from None
    if not isinstance(data, dict):
        raise InvalidBody(400, _("Send one object of texts and booleans"))
    texts = {key: _question_value(value) if _is_question(key) else _text(value) for key, value in data.items()}
    return {key: value.encode("utf-8", "replace").decode() for key, value in texts.items()}


def _is_question(name: str) -> bool:
    return name.startswith(PREFIX)


def _text(value: Any) -> str:
    if not isinstance(value, str | bool):
        raise InvalidBody(400, _("Send one object of texts and booleans"))
    return value if isinstance(value, str) else ("on" if value else "")


def _question_value(value: Any) -> str:
    """Return the answer to an editor's question as the form would send it; it may also be a number or a list."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        raise InvalidBody(400, _("Answer a question with a text, a number, a boolean or a list of texts"))
    return str(value)


#: Fields of a form that is shown again with a suggestion: the address that its sender was asked about, and the one that
#: was suggested, if it is ticked.
CHECKED_ADDRESS: Final = "checked_address"
SUGGESTED_ADDRESS: Final = "suggested_address"


def is_address_in_doubt(data: Mapping[str, str], email: str) -> bool:
    """Return whether to ask about a probably mistyped address; only once, whatever the answer.

    Look-alike letters are no slip of a finger: such a form gets the usual response, and is held for review.
    """
    return email.isascii() and bool(suggested_address(email)) and data.get(CHECKED_ADDRESS) != email


def with_suggested_address(data: dict[str, str]) -> dict[str, str]:
    """Return the values of a form with the suggested address, if its sender ticked that; else unchanged."""
    meant = suggested_address(data.get("email", ""))
    return {**data, "email": meant} if meant and data.get(SUGGESTED_ADDRESS) == meant else data


class Origin(Enum):
    """Where a POST comes from, according to the browser's headers."""

    SAME_SITE = "ours"
    CROSS_SITE = "foreign"
    UNKNOWN = "silent"


def origin_of(request: HttpRequest) -> Origin:
    """Return where the POST comes from.

    ``Sec-Fetch-Site: same-origin`` and ``none`` mean the same site; for other values, and without the header, the host
    in ``Origin`` decides. Without both headers, as in clients that are not browsers, the origin is unknown.

    A page with ``Referrer-Policy: no-referrer`` sends ``Origin: null``, which counts as cross-site.
    """
    # Not ``request.headers``, which parses all of them
    environment = request.META
    site = environment.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return (
            Origin.SAME_SITE if site in {"same-origin", "none"} else _compare_origin(request, default=Origin.CROSS_SITE)
        )
    return _compare_origin(request, default=Origin.UNKNOWN)


def is_cross_site(request: HttpRequest) -> bool:
    """Return whether another website sent this POST, for URLs that contain a secret token.

    The package's pages with such URLs send no referrer, so browsers without ``Sec-Fetch-Site`` send ``Origin: null``.
    It is accepted here: another website does not know the token.
    """
    if "Sec-Fetch-Site" not in request.headers and request.headers.get("Origin") == "null":
        return False
    return origin_of(request) is Origin.CROSS_SITE


def _compare_origin(request: HttpRequest, *, default: Origin) -> Origin:
    environment = request.META
    origin = environment.get("HTTP_ORIGIN")
    if origin is None:
        return default
    # Not ``urlsplit``, which raises ``ValueError`` for an invalid host
    return Origin.SAME_SITE if origin.partition("://")[2] == request.get_host() else Origin.CROSS_SITE
