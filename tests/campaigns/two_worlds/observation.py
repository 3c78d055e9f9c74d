"""What a stranger sees, as text: answers, headers, mails, and the statements that a request sends.

Random values are replaced by their number in order of appearance and their length, so two worlds compare equal although
their stamps, tickets, codes and ids differ, while a value that comes again in one world only is a difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import unified_diff
from typing import Any, Final

import pytest
from django.db import connection
from django.db.backends.base import base

_RANDOM: Final = re.compile(
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    # Not the digest in an ETag
    r'|(?P<row>(?<!W/")\b(?<!<)[0-9a-f]{32}\b)'
    r"|(?P<token>(?<![\w-])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{40,}(?![\w-]))"
    r"|(?P<link>~[a-z2-7]{16}\b)"
    r"|(?P<message><[0-9a-f]{32}@)"
)
#: Not part of a word, nor a colour in a stylesheet.
_CODE: Final = re.compile(r"(?P<code>(?<![\w#-])\d{6}(?![\w-]))")
_SAVEPOINT: Final = re.compile(r"\bs\d+_x\d+\b")
#: Lines of a difference that are shown.
_SHOWN: Final = 60


class Normaliser:
    """Replaces the random values of one world."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def _replace(self, match: re.Match[str]) -> str:
        number = self._numbers.setdefault(match[0], len(self._numbers) + 1)
        return f"⟨{match.lastgroup} {number}, {len(match[0])} characters⟩"

    def text(self, text: str) -> str:
        """Return ``text`` without random values."""
        return _RANDOM.sub(self._replace, text)

    def mail(self, message: Any) -> str:
        """Return the whole mail as text; its six-digit code counts as random too."""
        parts = [str(message.body), *(str(part[0]) for part in message.alternatives)]
        headers = {"From": message.from_email, "Reply-To": message.reply_to, **message.extra_headers}
        lines = [f"mail to {message.to}: {message.subject}", *(f"{name}: {headers[name]}" for name in sorted(headers))]
        return _CODE.sub(self._replace, self.text("\n".join((*lines, *parts))))

    def response(self, asked: str, response: Any, statements: list[str]) -> str:
        """Return request, answer and statements as text."""
        body = b"".join(response) if response.streaming else response.content
        headers = [f"{name}: {value}" for name, value in sorted(response.items())]
        cookies = [morsel.OutputString() for morsel in response.cookies.values()]
        shown = body.decode("utf-8", "backslashreplace").replace("><", ">\n<")
        return self.text("\n".join((asked, str(response.status_code), *headers, *cookies, *statements, shown)))


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Yield a list that receives the shape of each statement, and at the end how often a transaction began and ended.

    The shape has placeholders for values: a list of another length is another shape.
    """
    shapes: list[str] = []

    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        shapes.append(f"SQL {_SAVEPOINT.sub('savepoint', str(sql))}")
        return execute(sql, params, many, context)

    control: list[str] = []

    @contextmanager
    def record_control(_connection: Any, sql: str) -> Iterator[None]:
        control.append(sql)
        yield

    connection.ensure_connection()
    # Cheaper than logging, which puts the values into each statement
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(record):
        patch.setattr(base, "debug_transaction", record_control)
        yield shapes
    shapes.append(f"SQL transactions: {' '.join(control)}")


def difference(ours: list[str], theirs: list[str]) -> str:
    """Return the first difference of two traces as text, ``""`` if there is none."""
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if one != other:
            lines = unified_diff(one.splitlines(), other.splitlines(), "victim", "hidden mailbox", lineterm="", n=1)
            return f"observation {number} differs, {one.splitlines()[0]}\n" + "\n".join(list(lines)[:_SHOWN])
    if len(ours) != len(theirs):
        longer = max(ours, theirs, key=len)[min(len(ours), len(theirs)) :]
        return f"{len(ours)} observations against {len(theirs)}; the first that is missing: {longer[0][:2000]}"
    return ""
