"""Enumerations of the ledger, with translated labels."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PledgeState(models.TextChoices):
    """State of a pledge."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")
    DELIVERED = "delivered", _("Delivered")
    WON = "won", _("Won")
    NOT_WON = "not_won", _("Not successful")


class SignatureState(models.TextChoices):
    """State of a signature, as set by its signer; ``ANONYMISED`` is set when personal data is removed."""

    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ANONYMISED = "anonymised", _("Anonymized")


class Review(models.TextChoices):
    """Result of the abuse checks and of moderation."""

    OK = "ok", pgettext_lazy("check", "OK")
    NEEDS_REVIEW = "needs_review", _("Needs review")
    INVALID = "invalid", _("Invalid")


class Approval(models.TextChoices):
    """Decision of the campaign's staff, for ways to sign that require approval."""

    NOT_NEEDED = "not_needed", _("Not needed")
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    REJECTED = "rejected", pgettext_lazy("approval", "Rejected")


#: A confirmed signature with one of these is counted if its review is OK.
DECIDED: Final = (Approval.NOT_NEEDED, Approval.APPROVED)


class Display(models.TextChoices):
    """How the website shows a signer."""

    HIDDEN = "hidden", _("Not shown on the website")
    INITIALS = "initials", _("Initials and country")
    NAME = "name", _("Name")
    NAME_PLACE = "name_place", _("Name and place")


class HeldFor(models.TextChoices):
    """Why the checks marked a form for review: a submission's ``review_reason``, and the reason of a "held" event."""

    HONEYPOT = "honeypot", _("A hidden field was filled in, as programs do")
    FAST = "fast", _("Sent within seconds of opening the form")
    NAME_LINK = "name_link", _("The name contains a web or email address")
    NAME_LETTERS = "name_letters", _("The name has fewer than two different letters")
    DISPOSABLE = "disposable", _("The email address is a disposable one")
    LOOK_ALIKE = "look_alike", _("The email address imitates a large provider’s")
    NETWORK_HOUR = "network_hour", _("Too many forms from one network in an hour")
    NETWORK_DAY = "network_day", _("Too many forms from one network in a day")
    WIDE_NETWORK_HOUR = "wide_network_hour", _("Too many forms from neighboring networks in an hour")
    DOMAIN_HOUR = "domain_hour", _("Too many addresses of one email domain in an hour")
    NAME_HOUR = "name_hour", _("Too many forms with the same name in an hour")
    NUMBERED_HOUR = "numbered_hour", _("Too many addresses that differ only in a number in an hour")
    SURGE = "surge", _("Sent without the browser check while there were more signatures than usual")


def held_for_label(reason: str) -> str:
    """Return the label of a code in :class:`HeldFor`; any other reason as it is."""
    return str(HeldFor(reason).label) if reason in HeldFor else reason


class EventKind(models.TextChoices):
    """Kind of a ``SignatureEvent``."""

    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    APPROVED = "approved", pgettext_lazy("event", "Approved")
    REJECTED = "rejected", pgettext_lazy("event", "Rejected")
    HELD = "held", pgettext_lazy("event", "Marked for review")
    RELEASED = "released", _("Marked OK")
    INVALIDATED = "invalidated", _("Marked invalid")
    LINKS_RENEWED = "links_renewed", _("Links renewed")
    MERGED = "merged", _("Merged with an earlier signature of the same mailbox")


class SubmissionEnd(models.TextChoices):
    """Why a submission ended."""

    CONFIRMED = "confirmed", _("Confirmed")
    SUPERSEDED = "superseded", _("Another form was confirmed")
    NOT_ME = "not_me", _("Not sent by the owner of the address")
    EXPIRED = "expired", _("Not confirmed in time")
    LET_GO = "let_go", _("Removed by staff")


class OutboxState(models.TextChoices):
    """State of a message in the outbox."""

    DUE = "due", _("Queued")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Not needed")
    UNDELIVERABLE = "undeliverable", _("Undeliverable")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Gave up")


class MailQueue(models.IntegerChoices):
    """Priority of a message in the outbox: lower numbers are sent first."""

    CLOSING = 0, _("Campaign has closed")
    SIGNERS = 1, _("Urgent")
    DECISIONS = 2, _("Staff decisions")
    REMINDERS = 3, _("Reminders")
    SURGE = 4, _("Held during a surge")
    #: No mail is due: the row waits for the deletion of its data.
    NO_MAIL = 9, _("No email due")


class OutboxReason(models.TextChoices):
    """Why a mail was put off or not sent, in the column ``last_code``; other codes are a server's reply."""

    BUDGET = "budget", _("Limit of emails to this address")
    NO_SIGNATURE = "no_signature", _("There is no such signature any more")
    SUPPRESSED = "suppressed", _("The recipient has stopped our emails")
    NO_REMINDER = "no_reminder", _("No reminder was needed")
    DECISION_CHANGED = "decision_changed", _("The decision was changed")
    NOT_COUNTED = "not_counted", _("The signature does not count until its check is OK")
    ENDED = "ended", _("The form was already confirmed or withdrawn")
    TOO_LATE = "too_late", _("It could no longer be confirmed")
    UNDONE = "undone", _("The recipient allowed our emails again")


class MessageKind(models.TextChoices):
    """Kind of a mail to a signer."""

    CONFIRM = "confirm", _("Please confirm")
    REMINDER = "reminder", _("Reminder to confirm")
    ALREADY_SIGNED = "already_signed", _("Already signed")
    THANK_YOU = "thank_you", _("Thank you")
    LINKS = "links", _("Link to the signature")
    STOPPED = "stopped", _("Emails stopped")
    APPROVED = "approved", _("Signature approved")
    REJECTED = "rejected", _("Signature rejected")
