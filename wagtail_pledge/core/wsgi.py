"""A guard before Django: it answers what Django can't yet answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import SuspiciousOperation

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
