"""The words of the ledger."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PledgeState(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")
    DELIVERED = "delivered", _("Delivered")
    WON = "won", _("Won")
    NOT_WON = "not_won", _("Not successful")


class SignatureState(models.TextChoices):
    """What the signer did."""

    PENDING = "pending", _("Waiting for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ANONYMISED = "anonymised", _("Anonymized")


class Review(models.TextChoices):
    """Result of the abuse checks and of moderation."""

    OK = "ok", pgettext_lazy("check", "OK")
    NEEDS_REVIEW = "needs_review", _("Needs review")
    INVALID = "invalid", _("Invalid")


class Approval(models.TextChoices):
    """What the campaign's staff say, where a signer type asks them."""

    NOT_NEEDED = "not_needed", _("Not needed")
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    REJECTED = "rejected", pgettext_lazy("approval", "Rejected")


#: Whose confirmed signature counts, if the review is clear.
DECIDED: Final = (Approval.NOT_NEEDED, Approval.APPROVED)


class Display(models.TextChoices):
    """How a signer shows on the website."""

    HIDDEN = "hidden", _("Not shown on the website")
    INITIALS = "initials", _("Initials and country")
    NAME = "name", _("Name")
    NAME_PLACE = "name_place", _("Name and place")


class EventKind(models.TextChoices):
    """What happened to a signature; each event is a leaf of later proofs."""

    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    APPROVED = "approved", pgettext_lazy("event", "Approved")
    REJECTED = "rejected", pgettext_lazy("event", "Rejected")
    HELD = "held", pgettext_lazy("event", "Marked for review")
    RELEASED = "released", _("Cleared")
    INVALIDATED = "invalidated", _("Marked invalid")


class OutboxState(models.TextChoices):
    """Where a due message stands."""

    DUE = "due", _("Queued")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Not needed")
    UNDELIVERABLE = "undeliverable", _("Undeliverable")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Gave up")


class MailQueue(models.IntegerChoices):
    """The order in which due messages go: a lower lane first."""

    SIGNERS = 1, _("Urgent")
    DECISIONS = 2, _("Staff decisions")
    REMINDERS = 3, _("Reminders")
    SURGE = 4, _("Held during a surge")


class MessageKind(models.TextChoices):
    """What the signing room can say by mail."""

    SIGNED = "signed", _("After signing")
    CONFIRM = "confirm", _("Please confirm")
    REMINDER = "reminder", _("Reminder to confirm")
    ALREADY_SIGNED = "already_signed", _("Already signed")
    APPROVED = "approved", _("Signature approved")
    REJECTED = "rejected", _("Signature rejected")
