"""What staff decide about signatures and pledges, in Wagtail's log. Public signing writes nothing there."""

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
    """Says what was done and why."""

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of one entry."""
        reason = log_entry.data.get("reason", "")
        return gettext("%(what)s: %(reason)s") % {"what": self.label, "reason": reason} if reason else str(self.label)


class ApproveFormatter(ReasonFormatter):
    """A signature was approved."""

    label = _("Approve signature")


class RejectFormatter(ReasonFormatter):
    """A signature was refused."""

    label = _("Reject signature")


class ApproveLogoFormatter(ReasonFormatter):
    """An organization's logo was approved."""

    label = _("Approve logo")


class RejectLogoFormatter(ReasonFormatter):
    """An organization's logo was refused."""

    label = _("Reject logo")


class StateFormatter(LogFormatter):  # type: ignore[misc]
    """The state of a pledge was changed."""

    label = _("Change status of campaign")

    def format_message(self, log_entry: Any) -> str:
        """Return from where to where, and why."""
        labels = dict(PledgeState.choices)
        before, after = (labels.get(log_entry.data.get(key), "?") for key in ("before", "after"))
        reason = log_entry.data.get("reason", "")
        return gettext("%(before)s → %(after)s: %(reason)s") % {"before": before, "after": after, "reason": reason}


def register_actions(actions: Any) -> None:
    """Tell Wagtail which of our actions a log may hold."""
    actions.register_action(APPROVE)(ApproveFormatter)
    actions.register_action(REJECT)(RejectFormatter)
    actions.register_action(APPROVE_LOGO)(ApproveLogoFormatter)
    actions.register_action(REJECT_LOGO)(RejectLogoFormatter)
    actions.register_action(CHANGE_STATE)(StateFormatter)


def log_decision(action: str, signature: Any, *, user: Any, reason: str = "") -> None:
    """Add one entry to the history of ``signature``.

    Each has a uuid of its own: Wagtail shows one entry a uuid and action, so a bulk request that shared its uuid
    would leave all histories but the last one empty.
    """
    log(instance=signature, action=action, user=user, uuid=uuid.uuid4(), data={"reason": reason})
