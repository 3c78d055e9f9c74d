"""HTTP helpers: the client's address and network, safe-method views, upload limits."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache, wraps
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from wagtail_pledge.caching.local import use_request_cache
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.database_errors import answers_database_errors

#: Longest text that is parsed as an IP address.
MAX_CHARS: Final = 64
MAX_HEADER_CHARS: Final = 4096

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


#: Results are remembered for the rest of a request, which needs them several times, and of few others.
_SAME_REQUEST: Final = 8
#: An address with a port, as some proxies send it: ``203.0.113.9:5678``, ``[2001:db8::1]:443``.
_WITH_PORT: Final = re.compile(r"\[(?P<v6>[^\[\]]*)\](?::[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")


def _without_port(text: str) -> str:
    match = _WITH_PORT.fullmatch(text)
    return (match["v6"] or match["v4"] or "") if match else text


@lru_cache(maxsize=_SAME_REQUEST)
def _parse_ip(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(_without_port(text.strip()[:MAX_CHARS]))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, ``""`` if it is unknown.

    With ``TRUSTED_PROXIES = n`` it is the n-th entry of ``X-Forwarded-For`` from the right: the one that the outermost
    trusted proxy added. Everything to its left, and every other header, can be forged by the client. Without a trusted
    proxy, or with fewer entries than proxies, it is ``REMOTE_ADDR``.
    """
    # Not ``request.headers``, which parses all of them
    environment = request.META
    peer = str(environment.get("REMOTE_ADDR") or "")
    proxies = get_setting("TRUSTED_PROXIES")
    forwarded = environment.get("HTTP_X_FORWARDED_FOR", "")[-MAX_HEADER_CHARS:].split(",") if proxies else []
    candidate = forwarded[-proxies] if proxies and len(forwarded) >= proxies else peer
    address = _parse_ip(candidate) or _parse_ip(peer)
    return str(address) if address else ""


@lru_cache(maxsize=_SAME_REQUEST)
def network_of(address: str, *, wide: bool = False) -> str:
    """Return the /24 of an IPv4 address or the /64 of an IPv6 address, ``""`` for anything else.

    ``wide``: the /16 or the /32, about what one provider or data centre has.
    """
    parsed = _parse_ip(address)
    if parsed is None:
        return ""
    prefix = (16 if wide else 24) if parsed.version == 4 else (32 if wide else 64)
    rest = parsed.max_prefixlen - prefix
    # ip_network() would parse the address again
    return f"{type(parsed)(int(parsed) >> rest << rest)}/{prefix}"


SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


def render_within(response: Any, manager: Callable[[], AbstractContextManager[Any]]) -> Any:
    """Return ``response``. If Django renders it after the view, it is rendered within ``manager()``."""
    if getattr(response, "is_rendered", True):
        return response

    def render() -> Any:
        del response.render  # restores the class's method; this function can't be pickled into a cache
        with manager():
            return response.render()

    response.render = render
    return response


def require_safe(view: Callable[..., Any]) -> Any:
    """Decorator for read-only views: passes GET and HEAD, answers OPTIONS, and returns 405 for other methods.

    Returns 503 if the database is unavailable. CSRF exempt: otherwise a POST would get a 403 without an ``Allow``
    header instead of the 405.
    """

    @require_http_methods(SAFE_METHODS)
    @answers_database_errors
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(SAFE_METHODS)})
        with use_request_cache(request):
            return view(request, *args, **kwargs)

    return csrf_exempt(inner)


#: Largest request body in bytes that is read, so that a form error can explain what is wrong with it.
MAX_BODY: Final = 16 * 1024 * 1024


class CappedUploadHandler(FileUploadHandler):
    """Upload handler that keeps the first file in memory if it has at most ``limit`` bytes.

    A larger file comes out empty, with its true ``size``. Further files are skipped.
    """

    def __init__(self, request: HttpRequest, *, limit: int) -> None:
        super().__init__(request)
        self.limit, self.size, self.content = limit, 0, BytesIO()
        self.has_file = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Accept the first file; skip the others."""
        if self.has_file:
            raise SkipFile
        self.has_file = True
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store the chunk, or only count its bytes once the file is too large."""
        self.size = start + len(raw_data)
        if self.size <= self.limit:
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the uploaded file, empty if it was too large."""
        kept = self.content if file_size <= self.limit else BytesIO()
        kept.seek(0)
        return InMemoryUploadedFile(
            file=kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def declared_content_length(request: HttpRequest) -> int | None:
    """Return the ``Content-Length`` of the request, ``None`` if it is not a number.

    It is 0 without the header: WSGI then treats the body as empty.
    """
    value = request.headers.get("content-length") or "0"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None


#: What Django raises for a body or a query that it cannot parse, depending on headers and content.
PARSING_ERRORS: Final = (BadRequest, MultiPartParserError, SuspiciousOperation, OSError, ValueError, LookupError)


class _CountedBody:
    """The body of a request, counting the bytes that were read."""

    def __init__(self, request: HttpRequest) -> None:
        self._request, self.count = request, 0

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes."""
        data: bytes = self._request.read(size)
        self.count += len(data)
        return data


def read_upload(request: HttpRequest, *, limit: int) -> tuple[Any, Any]:
    """Return (fields, files) of a form with one file of at most ``limit`` bytes.

    Call it before anything reads the body. Raises ``BadRequest`` for a body that can't be parsed or is shorter than
    its ``Content-Length``.
    """
    request.upload_handlers = [CappedUploadHandler(request, limit=limit)]
    body = _CountedBody(request)
    try:
        if request.content_type != "multipart/form-data":
            return request.POST, request.FILES
        fields, files = request.parse_file_upload(request.META, body)  # type: ignore[arg-type]
        # Read again by the page that is shown if the database is away
        request._post, request._files = fields, files  # type: ignore[attr-defined]  # noqa: SLF001 - as Django does
        while body.read(64 * 1024):
            pass
    except PARSING_ERRORS as error:
        raise BadRequest from error
    if body.count < (declared_content_length(request) or 0):
        raise BadRequest
    return fields, files
