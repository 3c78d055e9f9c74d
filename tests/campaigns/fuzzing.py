"""Requests that are wrong in one or several places, made from a seed, and a way to keep them in a file.

A kept request names what differs from run to run by a mark: ``@stamp@``, ``@pledge@``, a token of each purpose.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.test import Client

from tests.journey import fresh, sign_url, signatures
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME

CORPUS: Final = Path(__file__).with_name("sign_corpus.jsonl")
FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"
TYPES: Final = (
    *(FORM, JSON, PARTS) * 4,
    *("multipart/form-data", "multipart/form-data; boundary=" + "b" * 200, "text/plain", "", ";", "application/json;"),
    *(f"{FORM}; charset={name}" for name in ("utf-7", "utf-16", "\x7f", "hex", "undefined")),
    *(f"{kind}; charset={name}" for kind in (JSON, PARTS) for name in ("nonsense", "hex", "punycode")),
)
PIECES: Final = (
    *("\0", "\ud800", "\u202e", "\u2028", "\x1b[31m", "'", '"', "<script>", "%00", "%", "&", "=", ";", "\r\n", "\\"),
    *("a" * 5000, "é", "{{x}}", "on", "-1", "9" * 400, "NaN", "", " ", "@", "a@b.co", "a@[::1]", "xn--", "@xn--a"),
    *("..", "/", "://", "http://[", "null", "http://testserver", "same-origin", "gzip", "chunked", "bytes=0-"),
)
METHODS: Final = ("POST",) * 12 + ("GET",) * 3 + ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
HEADERS: Final = (
    *("Origin", "Sec-Fetch-Site", "Accept", "Accept-Language", "X-Forwarded-For", "Content-Length", "Cookie"),
    *("Content-Encoding", "User-Agent", "Referer", "Content-Type", "If-Modified-Since", "Range", "Transfer-Encoding"),
)


def sent(text: str) -> bytes:
    """Return the bytes of any text, half characters included."""
    return text.encode("utf-8", "surrogatepass")


class Site:
    """A page to sign, somebody who has signed, and what stands for the marks."""

    def __init__(self, page: Any, values: dict[str, str]) -> None:
        answer = Client().post(sign_url(page), fresh(page, **{**values, "email": "first@example.org"}))
        signature = signatures().latest("pk")
        self.good = fresh(page, **values)
        self.marks = {
            "stamp": self.good["stamp"],
            "statement": self.good["statement"],
            "pledge": str(page.signer_type.pledge.uuid),
            "type": str(page.signer_type.uuid),
            "inbox": answer["Location"].split("/")[3],
            **{purpose: token_for(purpose, signature) for purpose in (CONFIRM, MANAGE, NOT_ME)},
        }

    def line(self, asked: dict[str, Any]) -> str:
        """Return a request as one line of a file."""
        text = json.dumps({**asked, "data": asked["data"].decode("latin-1")})
        for name, value in self.marks.items():
            text = text.replace(value, f"@{name}@")
        return text

    def request(self, line: str) -> dict[str, Any]:
        """Return the arguments for ``Client.generic`` that a line stands for."""
        for name, value in self.marks.items():
            line = line.replace(f"@{name}@", value)
        asked: dict[str, Any] = json.loads(line)
        return {**asked, "data": asked["data"].encode("latin-1")}


class Generator:
    """Endless bad requests."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, random.Random(seed)

    def text(self) -> str:
        """Return some pieces in a row."""
        return "".join(self.random.choices(PIECES, k=self.random.randint(0, 4)))

    def path(self) -> str:
        """Return the address of an endpoint, mostly a real one; half of the tokens are genuine."""
        marks = self.site.marks
        sign = f"/pledge/{marks['pledge']}/sign/{marks['type']}/"
        paths = [sign, sign, sign, f"/pledge/{marks['pledge']}/stamp.json", f"/pledge/{marks['pledge']}/count.json"]
        forged = quote(sent(self.text()[:2000]), safe="") or "x"
        places = (("inbox", "inbox"), ("confirm", CONFIRM), ("manage", MANAGE), ("not-me", NOT_ME))
        paths += [f"/pledge/{place}/{self.random.choice((forged, marks[mark]))}/" for place, mark in places]
        query = {self.random.choice(("statement", "lang", "name", "action", "x")): sent(self.text())}
        return self.random.choice(paths) + self.random.choice(["", "?" + urlencode(query), "?%ff=%ED%A0%80"])

    def body(self, content_type: str) -> bytes:
        """Return a body: a good form with some fields broken, then some bytes."""
        data: dict[str, Any] = dict(self.site.good)
        for name in self.random.sample(sorted(data), k=self.random.choice((0, 0, 1, 1, 2, 3))):
            data[name] = self.text()
        if self.random.random() < 0.2:
            data[self.text()] = self.random.choice([None, 1, [], {}, 1e309, "x"])
        if "json" in content_type:
            made = json.dumps(data).encode()
        elif "multipart" in content_type:
            head = b'--b\r\nContent-Disposition: form-data; name="'
            made = (
                b"".join(head + sent(n) + b'"\r\n\r\n' + sent(str(v)) + b"\r\n" for n, v in data.items()) + b"--b--\r\n"
            )
        else:
            made = urlencode({sent(n): sent(str(v)) for n, v in data.items()}).encode()
        return self._cut(made)

    def _cut(self, made: bytes) -> bytes:
        chance, at = self.random.random(), self.random.randint(0, len(made))
        if chance < 0.15:
            return made[:at]
        return made[:at] + self.random.randbytes(3) + made[at:] if chance < 0.3 else made

    def request(self) -> dict[str, Any]:
        """Return arguments for ``Client.generic``."""
        content_type, path = self.random.choice(TYPES), self.path()
        if "charset=" in content_type:
            # See wagtail_pledge.core.http: with a query Django fails before any view
            path = path.partition("?")[0]
        # These answer nothing but a GET
        method = "GET" if ".json" in path and self.random.random() < 0.8 else self.random.choice(METHODS)
        chosen = self.random.sample(HEADERS, k=self.random.choice((0, 0, 0, 1, 2)))
        return {
            "method": method,
            "path": path,
            "data": self.body(content_type),
            "content_type": content_type,
            # A server hands header bytes over as Latin-1
            "headers": {name: sent(self.text()).decode("latin-1").replace("\n", "") for name in chosen},
        }
