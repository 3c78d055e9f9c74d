"""The demo's mail backend, which writes each message to a file, and functions that read the files."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

SUFFIX: Final = ".eml"


class DemoMailBackend(BaseEmailBackend):
    """Writes each message to a file in ``DEMO_MAIL_DIR``. Names sort by time; a file appears when it is complete."""

    def send_messages(self, email_messages: Iterable[Any]) -> int:
        """Write the messages and return their number."""
        directory: Path = settings.DEMO_MAIL_DIR
        directory.mkdir(parents=True, exist_ok=True)
        sent = 0
        for message in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}"
            temporary = directory / f".{name}"
            temporary.write_bytes(message.message().as_bytes())
            temporary.rename(directory / f"{name}{SUFFIX}")
            sent += 1
        return sent


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMail:
    """A message as the demo shows it. ``name`` is the file name without its suffix."""

    name: str
    subject: str
    sender: str
    recipient: str
    sent_at: dt.datetime | None
    text: str
    html: str


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _read(path: Path) -> DemoMail:
    message: Any = message_from_bytes(path.read_bytes(), policy=policy.default)
    date = message["Date"]
    return DemoMail(
        name=path.stem,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        sent_at=date.datetime if date else None,
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _paths() -> list[Path]:
    return sorted(settings.DEMO_MAIL_DIR.glob(f"[!.]*{SUFFIX}"), reverse=True)


def latest(limit: int) -> list[DemoMail]:
    """Return the latest messages, newest first."""
    return [_read(path) for path in _paths()[:limit]]


def find(name: str) -> DemoMail | None:
    """Return the message with that name, or ``None``. Only files that the directory lists are opened."""
    return next((_read(path) for path in _paths() if path.stem == name), None)


def delete_all() -> None:
    """Delete every message."""
    for path in _paths():
        path.unlink()
