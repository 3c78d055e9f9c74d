"""Confirming with a six-digit code from the mail, on the "check your inbox" page, in the browser that signed.

For people who read mail on another device. Codes are derived by HMAC; only the number of attempts is stored, for each
mailbox and UTC day, whatever form or address they come through. It is stored under every listed dedup key, so that a
key change gives nobody more attempts.
"""

from __future__ import annotations

import datetime as dt
import hmac
import unicodedata
from typing import Final
from uuid import UUID

from django.db.models import F

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now, insert_or_ignore, utc_day
from wagtail_pledge.signing.addresses import all_budget_keys
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import CodeAttempts, Submission
from wagtail_pledge.signing.services.confirming import signature_of
from wagtail_pledge.signing.services.offers import mark_used
from wagtail_pledge.signing.services.payloads import Payload, payload_of
from wagtail_pledge.signing.services.submissions import newest_of_chain
from wagtail_pledge.signing.stamps import InboxTicket

CODE_DIGITS: Final = 6
#: Attempts for one mailbox on one UTC day; after that only the link works.
MAX_ATTEMPTS: Final = 5
#: Input is cut here: ample for six digits with spaces and dashes.
MAX_INPUT_CHARS: Final = 40


def _code(row: UUID, epoch: int, version: int) -> str:
    digest = crypto.keyed_hash("token", b"code", row.bytes, epoch.to_bytes(2, "big"), version=version)
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _lifetime() -> dt.timedelta:
    return dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))


def code_for_mail(submission: Submission) -> str:
    """Return the six-digit code for a mail that is sent now, or ``""`` if the inbox page would no longer accept one."""
    now = getattr(submission, "db_now", None) or database_now()
    if submission.created_at + _lifetime() <= now:
        return ""
    return _code(submission.pk, submission.link_epoch, crypto.current_version("token"))


def parse_code(typed: str) -> str:
    """Return the typed or pasted code as six ASCII digits, or ``""`` if it is not six digits.

    Digits of any script are accepted; spaces and dashes are ignored.
    """
    chars = [
        char
        for char in typed[:MAX_INPUT_CHARS]
        if not char.isspace() and unicodedata.category(char) not in {"Pd", "Cf"}
    ]
    values = [unicodedata.decimal(char, None) for char in chars]
    code = "".join(str(value) for value in values if value is not None)
    return code if len(code) == len(values) == CODE_DIGITS else ""


def _count_attempt(address: str, day: dt.date) -> bool:
    """Count an attempt before anything is compared; return whether it is within ``MAX_ATTEMPTS``. Exact under races."""
    keys = all_budget_keys(address)
    for mailbox in keys:
        insert_or_ignore(CodeAttempts(mailbox=mailbox, day=day))
    mine = CodeAttempts.objects.filter(mailbox__in=keys, day=day, count__lt=MAX_ATTEMPTS)
    return mine.update(count=F("count") + 1) == len(keys)


def submission_for_code(ticket: InboxTicket, typed: str, now: dt.datetime) -> Submission | None:
    """Return the submission if ``typed`` is the code that was mailed for the form of ``ticket``, else ``None``.

    It does not confirm. A wrong code, a sixth attempt and an ended or expired submission run the same statements and
    all return ``None``. The right code of one that led to a signature, as when it is sent twice, returns it too.
    """
    code = parse_code(typed)
    submission = newest_of_chain(UUID(ticket.submission)) if code and ticket.takes_code else None
    payload: Payload | None = payload_of(submission) if submission is not None else None
    if submission is None or payload is None:
        return None
    is_within_limit = _count_attempt(payload.address, utc_day(now))
    codes = [_code(submission.pk, submission.link_epoch, version) for version in crypto.keyring("token")]
    is_right = sum(hmac.compare_digest(code, expected) for expected in codes) > 0
    is_recent = submission.created_at > now - _lifetime()
    if not (is_right and is_within_limit and is_recent) or _has_ended(submission):
        return None
    mark_used(submission)
    return submission


def _has_ended(submission: Submission) -> bool:
    """Whether the submission ended without a signature that is confirmed now."""
    if submission.ended_at is None:
        return False
    signature = signature_of(submission)
    return signature is None or signature.state != SignatureState.CONFIRMED
