"""Mail of the demo: one file a message, and the messages read back."""

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
    """Writes each message into ``DEMO_MAIL_DIR``; names sort by time. A reader never sees half a message."""

    def send_messages(self, email_messages: Iterable[Any]) -> int:
        """Write the messages and return how many."""
        directory: Path = settings.DEMO_MAIL_DIR
        directory.mkdir(parents=True, exist_ok=True)
        sent = 0
        for message in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}"
            unfinished = directory / f".{name}"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(directory / f"{name}{SUFFIX}")
            sent += 1
        return sent


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMail:
    """One message as the demo shows it. ``name`` is its file without the ending."""

    name: str
    subject: str
    sender: str
    recipient: str
    sent_at: dt.datetime | None
    text: str
    html: str


def _part(message: EmailMessage, kind: str) -> str:
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
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _paths() -> list[Path]:
    return sorted(settings.DEMO_MAIL_DIR.glob(f"[!.]*{SUFFIX}"), reverse=True)


def newest(limit: int) -> list[DemoMail]:
    """Return the last messages, newest first."""
    return [_read(path) for path in _paths()[:limit]]


def find(name: str) -> DemoMail | None:
    """Return the message of that name, or ``None``: only names that the directory lists are opened."""
    return next((_read(path) for path in _paths() if path.stem == name), None)


def forget_all() -> None:
    """Delete every message."""
    for path in _paths():
        path.unlink()
