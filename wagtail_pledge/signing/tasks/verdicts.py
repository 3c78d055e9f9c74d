"""The worker's verdict: before a message is mailed, its network's window and its signals are looked at."""

from __future__ import annotations

from wagtail_pledge.signing.models import OutboxMessage


def judge(messages: list[OutboxMessage]) -> None:
    """Fold the networks of the leased ``messages`` into their windows and hold what exceeds them."""
