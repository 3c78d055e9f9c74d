"""Who is at the other end: an address that no header can forge, and the network that it stands for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from wagtail_pledge.caching.local import use_request_cache
from wagtail_pledge.conf import get_setting

#: Longer texts are no address; nothing beyond this is looked at.
MAX_CHARS: Final = 64
MAX_HEADER_CHARS: Final = 4096

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


#: Some proxies add the port of the connection: ``203.0.113.9:5678``, ``[2001:db8::1]:443``.
_WITH_PORT: Final = re.compile(r"\[(?P<v6>[^\[\]]*)\](?::[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")


def _without_port(text: str) -> str:
    found = _WITH_PORT.fullmatch(text)
    return (found["v6"] or found["v4"] or "") if found else text


def _parse_ip(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(_without_port(text.strip()[:MAX_CHARS]))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def client_address(request: HttpRequest) -> str:
    """Return the client's address, ``""`` if there is none to be had.

    With ``TRUSTED_PROXIES = n`` it is the n-th entry of ``X-Forwarded-For`` counted from the right: the one that the
    outermost of our own proxies saw. Everything left of it, and every other header, was written by the client.
    Without a trusted proxy, or with fewer entries than proxies, it is the peer of the connection.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    proxies = get_setting("TRUSTED_PROXIES")
    seen = request.headers.get("X-Forwarded-For", "")[-MAX_HEADER_CHARS:].split(",") if proxies else []
    asked = seen[-proxies] if proxies and len(seen) >= proxies else peer
    found = _parse_ip(asked) or _parse_ip(peer)
    return str(found) if found else ""


def network_of(address: str, *, wide: bool = False) -> str:
    """Return the /24 of an IPv4 address or the /64 of an IPv6 address, ``""`` for anything else.

    ``wide``: the /16 or the /32, what one provider or data centre holds.
    """
    found = _parse_ip(address)
    if found is None:
        return ""
    prefix = (16 if wide else 24) if found.version == 4 else (32 if wide else 64)
    return str(ipaddress.ip_network(f"{found}/{prefix}", strict=False))


SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


def render_within(response: Any, manager: Callable[[], AbstractContextManager[Any]]) -> Any:
    """Return ``response``; one that Django renders after the view is rendered within ``manager()``."""
    if getattr(response, "is_rendered", True):
        return response

    def render() -> Any:
        del response.render  # back to the class's own method: nothing of this is pickled into a cache
        with manager():
            return response.render()

    response.render = render
    return response


def require_safe(view: Callable[..., Any]) -> Any:
    """Decorate a view that changes nothing: it gets GET and HEAD alone, OPTIONS is answered, all else is a 405.

    Django would ask a POST for its token first, and refuse it without saying what is allowed.
    """

    @require_http_methods(SAFE_METHODS)
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(SAFE_METHODS)})
        with use_request_cache(request):
            return view(request, *args, **kwargs)

    return csrf_exempt(inner)


#: Bytes of a whole body that is worth reading to say in words what is wrong with it.
MAX_BODY: Final = 16 * 1024 * 1024


class CappedUploadHandler(FileUploadHandler):
    """Keeps the first file if it has at most ``limit`` bytes. Of a larger one only the size is known: it comes out
    empty, its ``size`` true.
    """

    def __init__(self, request: HttpRequest, *, limit: int) -> None:
        super().__init__(request)
        self.limit, self.size, self.content = limit, 0, BytesIO()
        self.has_file = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take the first file; skip the others."""
        if self.has_file:
            raise SkipFile
        self.has_file = True
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep or count."""
        self.size = start + len(raw_data)
        if self.size <= self.limit:
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file."""
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
    """Return how long the body says it is, ``None`` if that is no number. Without a length it is empty to WSGI."""
    announced = request.headers.get("content-length") or "0"
    return int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 20 else None


def limit_upload(request: HttpRequest, *, limit: int) -> None:
    """Take one file of at most ``limit`` bytes from this request; to be called before anything reads the body."""
    request.upload_handlers = [CappedUploadHandler(request, limit=limit)]


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def refuse_bad_charsets(application: Application) -> Application:
    """Return ``application`` with an answer of 400 to a ``Content-Type`` whose charset the query can't be read in.

    ``WSGIRequest.__init__`` sets the encoding and thereby reads the query string, outside any middleware. A charset
    that decodes nothing (``idna``, ``undefined``) or no text (``hex``), or a query of more than
    ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` beside any charset, is an error of the server there.
    """

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except (UnicodeError, LookupError, SuspiciousOperation):
            if "charset" not in environ.get("CONTENT_TYPE", "").lower():
                raise
            start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []

    return guarded
