"""Actions in Wagtail's log for decisions about signatures and pledges. Public signing is not logged there."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter, log

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.services import CHANGE_STATE

APPROVE: Final = "wagtail_pledge.approve"
REJECT: Final = "wagtail_pledge.refuse"
APPROVE_LOGO: Final = "wagtail_pledge.approve_logo"
REJECT_LOGO: Final = "wagtail_pledge.refuse_logo"


class ReasonFormatter(LogFormatter):  # type: ignore[misc]
    """Formats an entry as its label and the reason."""

    def format_message(self, log_entry: Any) -> str:
        """Return the message for one entry."""
        reason = log_entry.data.get("reason", "")
        return gettext("%(what)s: %(reason)s") % {"what": self.label, "reason": reason} if reason else str(self.label)


class ApproveFormatter(ReasonFormatter):
    """Formats the approval of a signature."""

    label = _("Approve signature")


class RejectFormatter(ReasonFormatter):
    """Formats the rejection of a signature."""

    label = _("Reject signature")


class ApproveLogoFormatter(ReasonFormatter):
    """Formats the approval of an organization's logo."""

    label = _("Approve logo")


class RejectLogoFormatter(ReasonFormatter):
    """Formats the rejection of an organization's logo."""

    label = _("Reject logo")


class StateFormatter(LogFormatter):  # type: ignore[misc]
    """Formats a change of a pledge's state."""

    label = _("Change status of campaign")

    def format_message(self, log_entry: Any) -> str:
        """Return the old state, the new state and the reason."""
        labels = dict(PledgeState.choices)
        before, after = (labels.get(log_entry.data.get(key), "?") for key in ("before", "after"))
        reason = log_entry.data.get("reason", "")
        return gettext("%(before)s → %(after)s: %(reason)s") % {"before": before, "after": after, "reason": reason}


def register_actions(actions: Any) -> None:
    """Register the log actions. For the hook ``register_log_actions``."""
    actions.register_action(APPROVE)(ApproveFormatter)
    actions.register_action(REJECT)(RejectFormatter)
    actions.register_action(APPROVE_LOGO)(ApproveLogoFormatter)
    actions.register_action(REJECT_LOGO)(RejectLogoFormatter)
    actions.register_action(CHANGE_STATE)(StateFormatter)


def log_decision(action: str, signature: Any, *, user: Any, reason: str = "") -> None:
    """Add one entry to the history of ``signature``.

    Each entry gets its own uuid: Wagtail shows one entry per uuid and action, so if the entries of a bulk action
    shared one, all histories but the last would be empty.
    """
    log(instance=signature, action=action, user=user, uuid=uuid.uuid4(), data={"reason": reason})
