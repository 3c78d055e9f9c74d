"""Generates malformed requests from a seed, and stores them as lines of a file.

A stored request has placeholders for values that change with each run: ``@stamp@``, ``@pledge@``, each token.
"""

from __future__ import annotations

import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.middleware import refuse_bad_charsets
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

CORPUS: Final = Path(__file__).with_name("sign_corpus.jsonl")
FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"
TYPES: Final = (
    *(FORM, JSON, PARTS) * 4,
    *("multipart/form-data", "multipart/form-data; boundary=" + "b" * 200, "text/plain", "", ";", "application/json;"),
    *(f"{FORM}; charset={name}" for name in ("utf-7", "utf-16", "\x7f", "hex", "undefined")),
    *(f"{kind}; charset={name}" for kind in (JSON, PARTS) for name in ("nonsense", "hex", "punycode")),
    *(
        f"{kind}; {name}*={code}''b"
        for kind in (FORM, JSON, PARTS)
        for name in ("x", "boundary")
        for code in ("klingon", "hex")
    ),
)
FRAGMENTS: Final = (
    *("\0", "\ud800", "\u202e", "\u2028", "\x1b[31m", "'", '"', "<script>", "%00", "%", "&", "=", ";", "\r\n", "\\"),
    *("a" * 5000, "é", "{{x}}", "on", "-1", "9" * 400, "NaN", "", " ", "@", "a@b.co", "a@[::1]", "xn--", "@xn--a"),
    *("no", "off", "null", "TRUE", "\u3164", "\uffa0", "\u034f", "\ufe0f", "\U000e0100", "\u0301\u200d" * 9, "\ufdd0"),
    *("\ufb2c" * 115, "\ufdfa" * 120, "\u017f", "\u212a", "ß", "a@ß.de", "a@i❤.ws"),
    *("..", "/", "://", "http://[", "null", "http://testserver", "same-origin", "gzip", "chunked", "bytes=0-"),
)
METHODS: Final = ("POST",) * 12 + ("GET",) * 3 + ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
HEADERS: Final = (
    *("Origin", "Sec-Fetch-Site", "Accept", "Accept-Language", "X-Forwarded-For", "Content-Length", "Cookie"),
    *("Content-Encoding", "User-Agent", "Referer", "Content-Type", "If-Modified-Since", "Range", "Transfer-Encoding"),
)


def to_bytes(text: str) -> bytes:
    """Return the text as bytes, lone surrogates included."""
    return text.encode("utf-8", "surrogatepass")


class _Environ(RequestFactory):
    """Builds the environment of a request, without a request object: its constructor fails for some headers."""

    def request(self, **values: Any) -> Any:
        """Return the environment."""
        return self._base_environ(**values)


def _application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """WSGI application that, as the test client does, keeps the test's database connection open."""
    response = ClientHandler(enforce_csrf_checks=False)(environ)
    start_response(str(response.status_code), [])
    return []


def status_of(request: dict[str, Any]) -> int:
    """Return the status of the guarded site for the arguments of ``Client.generic``."""
    environ: Any = _Environ().generic(**request)
    environ["wsgi.input"] = BytesIO(request["data"])
    statuses: list[str] = []
    refuse_bad_charsets(_application)(environ, lambda status, _headers: statuses.append(status))
    return int(statuses[0][:3])


class Site:
    """A page to sign, a signature, and the values of the placeholders."""

    def __init__(self, page: Any, values: dict[str, str]) -> None:
        answer = Client().post(sign_url(page), fresh(page, **{**values, "email": "first@example.org"}))
        submission = submissions().get()
        signature = SignatureFactory(pledge=page.signer_type.pledge)
        self.valid_form = fresh(page, **values)
        self.placeholders = {
            "stamp": self.valid_form["stamp"],
            "statement": self.valid_form["statement"],
            "pledge": str(page.signer_type.pledge.uuid),
            "type": str(page.signer_type.uuid),
            "inbox": answer["Location"].split("/")[3],
            MANAGE: token_for(MANAGE, signature),
            **{purpose: token_for(purpose, submission) for purpose in (CONFIRM, NOT_ME)},
        }

    def line(self, asked: dict[str, Any]) -> str:
        """Return a request as one line of a file."""
        text = json.dumps({**asked, "data": asked["data"].decode("latin-1")})
        for name, value in self.placeholders.items():
            text = text.replace(value, f"@{name}@")
        return text

    def request(self, line: str) -> dict[str, Any]:
        """Return the arguments for ``Client.generic`` stored in a line."""
        for name, value in self.placeholders.items():
            line = line.replace(f"@{name}@", value)
        asked: dict[str, Any] = json.loads(line)
        return {**asked, "data": asked["data"].encode("latin-1")}


class Generator:
    """Generates malformed requests without end."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, random.Random(seed)

    def text(self) -> str:
        """Return up to four fragments joined."""
        return "".join(self.random.choices(FRAGMENTS, k=self.random.randint(0, 4)))

    def path(self) -> str:
        """Return the path of an endpoint, mostly an existing one; half of the tokens are genuine."""
        placeholders = self.site.placeholders
        sign = f"/pledge/{placeholders['pledge']}/sign/{placeholders['type']}/"
        paths = [
            sign,
            sign,
            sign,
            f"/pledge/{placeholders['pledge']}/link/",
            f"/pledge/{placeholders['pledge']}/stamp.json",
            f"/pledge/{placeholders['pledge']}/count.json",
        ]
        forged = quote(to_bytes(self.text()[:2000]), safe="") or "x"
        places = (("inbox", "inbox"), ("confirm", CONFIRM), ("manage", MANAGE), ("not-me", NOT_ME))
        paths += [f"/pledge/{place}/{self.random.choice((forged, placeholders[mark]))}/" for place, mark in places]
        query = {self.random.choice(("statement", "lang", "name", "action", "x")): to_bytes(self.text())}
        return self.random.choice(paths) + self.random.choice(["", "?" + urlencode(query), "?%ff=%ED%A0%80"])

    def body(self, content_type: str) -> bytes:
        """Return a body: a valid form with some fields replaced and some bytes cut or inserted."""
        data: dict[str, Any] = dict(self.site.valid_form)
        for name in self.random.sample(sorted(data), k=self.random.choice((0, 0, 1, 1, 2, 3))):
            data[name] = self.text()
        if self.random.random() < 0.2:
            data[self.text()] = self.random.choice([None, 1, [], {}, 1e309, "x"])
        if "json" in content_type:
            made = json.dumps(data).encode()
        elif "multipart" in content_type:
            head = b'--b\r\nContent-Disposition: form-data; name="'
            made = (
                b"".join(head + to_bytes(n) + b'"\r\n\r\n' + to_bytes(str(v)) + b"\r\n" for n, v in data.items())
                + b"--b--\r\n"
            )
        else:
            made = urlencode({to_bytes(n): to_bytes(str(v)) for n, v in data.items()}).encode()
        return self._cut(made)

    def _cut(self, made: bytes) -> bytes:
        chance, at = self.random.random(), self.random.randint(0, len(made))
        if chance < 0.15:
            return made[:at]
        return made[:at] + self.random.randbytes(3) + made[at:] if chance < 0.3 else made

    def request(self) -> dict[str, Any]:
        """Return arguments for ``Client.generic``."""
        content_type, path = self.random.choice(TYPES), self.path()
        # These endpoints only accept GET
        method = "GET" if ".json" in path and self.random.random() < 0.8 else self.random.choice(METHODS)
        chosen = self.random.sample(HEADERS, k=self.random.choice((0, 0, 0, 1, 2)))
        return {
            "method": method,
            "path": path,
            "data": self.body(content_type),
            "content_type": content_type,
            # WSGI servers decode headers as Latin-1
            "headers": {name: to_bytes(self.text()).decode("latin-1").replace("\n", "") for name in chosen},
        }
