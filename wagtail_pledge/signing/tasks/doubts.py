"""Whether the mail is wanted: other people's addresses show in mail that nobody answers or takes."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from wagtail_pledge.core.dates import from_now
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import is_inserted
from wagtail_pledge.signing.enums import MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, Switch, get_signature_model
from wagtail_pledge.signing.services.surges import DOUBT
from wagtail_pledge.signing.tasks.surge import what_it_does

logger = logging.getLogger(__name__)

#: So many confirmation mails over all pledges are looked at, and fewer tell nothing.
SAMPLE: Final = 500
#: Who means to confirm has done so, for the most part.
SETTLED: Final = dt.timedelta(hours=2)


def watch_mail() -> int:
    """Begin or end the doubt about the mail; return 1 if that changed, else 0.

    It begins where more than ``SURGE_UNCONFIRMED`` percent of the last 500 confirmation mails are unconfirmed after two
    hours, or more than ``SURGE_REFUSED`` percent were refused for good. While it lasts, all pledges are in a surge and
    a mailbox gets half as many mails. It ends when neither holds any more.
    """
    reason = _doubt()
    if reason:
        acts, what = what_it_does()
        if not is_inserted(Switch(name=DOUBT, is_on=acts, reason=reason)):
            return 0
        logger.warning("the mail is in doubt, mailboxes get half as much: %s; %s", reason, what)
        return 1
    ended = Switch.objects.filter(name=DOUBT).delete()[0]
    if ended:
        logger.warning("the mail is in doubt no more")
    return min(ended, 1)


def _doubt() -> str:
    """Return why the mail is in doubt, ``""`` if it is not; one query."""
    sample = list(_settled()[:SAMPLE])
    if len(sample) < SAMPLE:
        return ""
    unconfirmed = sum(is_open for state, is_open in sample if state == OutboxState.SENT)
    refused = sum(state == OutboxState.UNDELIVERABLE for state, _is_open in sample)
    for count, setting, what in (
        (unconfirmed, "SURGE_UNCONFIRMED", "unconfirmed after two hours"),
        (refused, "SURGE_REFUSED", "refused"),
    ):
        limit = get_setting(setting)
        if limit is not None and count * 100 > limit * SAMPLE:
            return f"{count} of the last {SAMPLE} confirmation mails {what}"
    return ""


def _settled() -> Any:
    """Return ``(state, whether its signature is still unconfirmed)`` of confirmation mails, newest first."""
    unconfirmed = get_signature_model()._default_manager.filter(
        pledge=OuterRef("pledge"),
        mailbox_key=OuterRef("mailbox_key"),
        seat=OuterRef("seat"),
        kind=OuterRef("signer_type__kind"),
        state=SignatureState.PENDING,
    )
    ended = OutboxMessage.objects.filter(
        Q(state=OutboxState.SENT, last_code=MessageKind.CONFIRM) | Q(state=OutboxState.UNDELIVERABLE),
        kind=MessageKind.SIGNED,
        created_at__lt=from_now(-SETTLED),
    )
    return ended.order_by("-pk").values_list("state", Exists(unconfirmed))
