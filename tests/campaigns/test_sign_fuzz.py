"""Malformed requests, made at random from a seed: whatever is sent, no endpoint of a signer answers 5xx.

Left out: a charset that decodes nothing (``idna``) together with a query, which Django refuses while it makes the
request, before any view.

``PLEDGE_FUZZ_REQUESTS`` is how many (400), ``PLEDGE_FUZZ_SEED`` where the generator starts (1).
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from tests.journey import fresh, sign_url

REQUESTS: Final = int(os.environ.get("PLEDGE_FUZZ_REQUESTS", "400"))
SEED: Final = int(os.environ.get("PLEDGE_FUZZ_SEED", "1"))
TYPES: Final = (
    *("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"),
    *("multipart/form-data", "multipart/form-data; boundary=" + "b" * 200, "text/plain", "", ";", "application/json;"),
    *("application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=utf-16"),
    *("application/json; charset=nonsense", "application/x-www-form-urlencoded; charset=\x7f"),
)
PIECES: Final = (
    *("\0", "\ud800", "\u202e", "\u2028", "\x1b[31m", "'", '"', "<script>", "%00", "%", "&", "=", ";", "\r\n", "\\"),
    *(
        "a" * 5000,
        "é",
        "{{x}}",
        "on",
        "-1",
        "9" * 400,
        "NaN",
        "",
        " ",
        "@",
        "a@b.co",
        "a@[::1]",
        "xn--",
        "@xn--a",
        "..",
        "/",
    ),
)
METHODS: Final = ("POST",) * 6 + ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
HEADERS: Final = (
    *("Origin", "Sec-Fetch-Site", "Accept", "Accept-Language", "X-Forwarded-For", "Content-Length", "Cookie"),
    *("Content-Encoding", "User-Agent", "Referer", "Content-Type", "If-Modified-Since", "Range"),
)


class Generator:
    """Requests that are wrong in one or several places."""

    def __init__(self, page: Any, values: dict[str, str]) -> None:
        self.page, self.values = page, values
        self.random = random.Random(SEED)
        self.good = fresh(page, **values)

    def text(self) -> str:
        """Return some pieces in a row."""
        return "".join(self.random.choices(PIECES, k=self.random.randint(0, 4)))

    def path(self) -> str:
        """Return the address of an endpoint, mostly a real one."""
        pledge = str(self.page.signer_type.pledge.uuid)
        token = quote(self.text()[:2000].encode("utf-8", "surrogatepass"), safe="") or "x"
        sign = sign_url(self.page)
        paths = [sign, sign, sign, f"/pledge/{pledge}/stamp.json", f"/pledge/{pledge}/count.json"]
        paths += [f"/pledge/{name}/{token}/" for name in ("inbox", "confirm", "manage", "not-me")]
        query = {self.random.choice(("statement", "lang", "name", "x")): self._sent(self.text())}
        return self.random.choice(paths) + self.random.choice(["", "?" + urlencode(query), "?%ff=%ED%A0%80"])

    @staticmethod
    def _sent(text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    def body(self, content_type: str) -> bytes:
        """Return a body: a good form with some fields broken, then some bytes."""
        data: dict[str, Any] = dict(self.good)
        for name in self.random.sample(sorted(data), k=self.random.randint(0, 3)):
            data[name] = self.text()
        if self.random.random() < 0.2:
            data[self.text()] = self.random.choice([None, 1, [], {}, 1e309, "x"])
        if "json" in content_type:
            made = json.dumps(data).encode()
        elif "multipart" in content_type:
            head = b'--b\r\nContent-Disposition: form-data; name="'
            made = b"".join(head + self._sent(n) + b'"\r\n\r\n' + self._sent(str(v)) + b"\r\n" for n, v in data.items())
            made += b"--b--\r\n"
        else:
            made = urlencode({self._sent(n): self._sent(str(v)) for n, v in data.items()}).encode()
        return self._cut(made)

    def _cut(self, made: bytes) -> bytes:
        chance, at = self.random.random(), self.random.randint(0, len(made))
        if chance < 0.15:
            return made[:at]
        return made[:at] + self.random.randbytes(3) + made[at:] if chance < 0.4 else made

    def request(self) -> dict[str, Any]:
        """Return arguments for ``Client.generic``."""
        content_type = self.random.choice(TYPES[:3] * 3 + TYPES)
        chosen = self.random.sample(HEADERS, k=self.random.choice((0, 0, 0, 1, 2)))
        return {
            "method": self.random.choice(METHODS),
            "path": self.path(),
            "data": self.body(content_type),
            "content_type": content_type,
            # A server hands header bytes over as Latin-1
            "headers": {name: self._sent(self.text()).decode("latin-1").replace("\n", "") for name in chosen},
        }


@pytest.mark.requirement("D10")
def test_no_request_is_an_error_of_ours(individual: Any, person: dict[str, str]) -> None:
    client = Client(raise_request_exception=False)
    generator, statuses = Generator(individual, person), Counter[int]()
    for number in range(REQUESTS):
        asked = generator.request()
        status = client.generic(**asked).status_code
        statuses[status] += 1
        assert status < 500, f"request {number} of seed {SEED}: {asked}"
    assert len(statuses) > 3, f"the generator reaches too little: {statuses}"
    print(sorted(statuses.items()))
