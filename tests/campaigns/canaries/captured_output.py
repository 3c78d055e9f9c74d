"""Captures everything that a site may write down, and defines signers who must not be found in it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from string import ascii_lowercase
from typing import Any, Final

from django.core import mail
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client
from django.utils.log import AdminEmailHandler

from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

ADMIN: Final = "operator@site.example"
PURPOSES: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
#: Matches the traces of all canaries; secrets are long.
_TRACE: Final = re.compile(r"quorvax[a-z]{2}|zynq-[a-z]{2}|2001:db8:[0-9a-f]+:|100\.64\.\d+\.|[\w-]{40,}", re.ASCII)
_ENDINGS: Final = ["".join(letters) for letters in product(ascii_lowercase, repeat=2)]


@dataclass
class Canary:
    """Signer whose personal data can be recognised wherever it appears."""

    number: int
    page: Any
    inbox: str = ""
    links: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> dict[str, str]:
        """Return the values of the form."""
        ending = _ENDINGS[self.number]
        email = f"zynq-{ending}@mail{self.number}.example"
        return {"name": f"Zyndra Quorvax{ending}", "email": email, "country": "US", "display": "hidden"}

    @property
    def text(self) -> str:
        """Return an error message as of a database that repeats personal data."""
        person = self.person
        return f"DETAIL: Key (email, name)=({person['email']}, {person['name']}) already exists. {self.address}"

    @property
    def address(self) -> str:
        """Return the signer's IP address."""
        return f"2001:db8:{0x7000 + self.number:x}::7"

    @cached_property
    def client(self) -> Client:
        """Return a client with personal data in every header."""
        headers = {
            "user-agent": self.person["name"],
            "referer": f"https://mail.example/?from={self.person['email']}",
            "x-forwarded-for": f"100.64.{self.number}.77",
        }
        return Client(raise_request_exception=False, headers=headers, REMOTE_ADDR=self.address)

    @property
    def form(self) -> dict[str, str]:
        """Return a complete form with a valid stamp."""
        return fresh(self.page, **self.person)

    def sign(self) -> None:
        """Sign, and remember the inbox path and the links of the mail."""
        answer = self.client.post(sign_url(self.page), self.form)
        assert answer.status_code == 303
        submission = submissions().latest("created_at")
        pledge, name = submission.statement.signer_type.pledge, self.person["name"]
        signature = SignatureFactory(pledge=pledge, name=name, email=f"signed.{self.person['email']}")
        self.inbox = answer["Location"]
        subjects = {MANAGE: signature}
        self.links = {
            name: f"/pledge/{path}/{token_for(name, subjects.get(name, submission))}/"
            for name, path in PURPOSES.items()
        }

    def traces(self) -> set[str]:
        """Return the strings that must not be found anywhere, in lower case."""
        ending = _ENDINGS[self.number]
        secrets = [path.strip("/").rpartition("/")[2] for path in (*self.links.values(), self.inbox)]
        parts = [f"quorvax{ending}", f"zynq-{ending}", f"2001:db8:{0x7000 + self.number:x}:", f"100.64.{self.number}."]
        return {part.lower() for part in (*parts, *secrets)}


class Witness(logging.Handler):
    """Logging handler that keeps each record whole: message, arguments, traceback and attributes."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[str] = []
        self.lines: list[str] = []
        self.loggers: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as a structured log would; for errors also the data of the request."""
        if record.name.startswith("mail."):  # the receiving mail server of the test
            return
        self.loggers.add(record.name)
        self.lines.append(record.getMessage())
        request = getattr(record, "request", None) if record.levelno >= logging.ERROR else None
        about = [getattr(request, name, "") for name in ("META", "POST", "GET")]
        self.records.append(f"{self.format(record)} {record.__dict__!r} {about!r}")

    def error_tracker(self, **_about: Any) -> None:
        """Keep what an error tracker receives: text and traceback of the error and its causes."""
        error: BaseException | None = sys.exc_info()[1]
        while error is not None:
            self.records.append("".join(traceback.format_exception(error)))
            error = error.__cause__ or error.__context__

    @property
    def error_mails(self) -> list[str]:
        """Return the error reports mailed to ``ADMINS``."""
        messages = [message for message in mail.outbox if message.to == [ADMIN]]
        return [f"{message.subject}{message.body}{message.message().as_string()}" for message in messages]

    def found(self, canaries: list[Canary], *more: str) -> dict[str, list[str]]:
        """Return the traces found in each place."""
        places = {
            "log": "\n".join(self.records),
            "error mails": "\n".join(self.error_mails),
            "tables": tables(),
            "elsewhere": "\n".join(more),
        }
        wanted = {trace for canary in canaries for trace in canary.traces()}
        hits = {place: wanted & set(_TRACE.findall(text.lower())) for place, text in places.items()}
        return {place: sorted(traces)[:5] for place, traces in hits.items() if traces}


def tables() -> str:
    """Return all rows of all tables as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v) for v in row]
    return "\n".join(found)


@contextmanager
def capture_all_logs(witness: Witness) -> Iterator[None]:
    """Let the witness record every logger from DEBUG on, and send error mails as text and HTML."""
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.propagate, logger.disabled) for logger in (logging.root, *known)]
    django, mails = logging.getLogger("django"), AdminEmailHandler(include_html=True)
    mails.setLevel(logging.ERROR)
    others, logging.root.handlers = logging.root.handlers, [witness]
    try:
        for logger in (logging.root, *known):
            logger.setLevel(logging.DEBUG)
            logger.propagate, logger.disabled = True, False
        django.addHandler(mails)
        got_request_exception.connect(witness.error_tracker)
        yield
    finally:
        got_request_exception.disconnect(witness.error_tracker)
        django.removeHandler(mails)
        logging.root.handlers = others
        for logger, level, propagate, disabled in before:
            logger.setLevel(level)
            logger.propagate, logger.disabled = propagate, disabled
