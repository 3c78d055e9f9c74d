"""Actions in Wagtail's log for decisions about signatures and pledges. Public signing is not logged there."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter, log

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.services import CHANGE_STATE
from wagtail_pledge.signing.services.event_links import END_EVENT_LINK, MAKE_EVENT_LINK, RAISE_NETWORK
from wagtail_pledge.signing.services.pledges import ARCHIVE, UNARCHIVE

APPROVE: Final = "wagtail_pledge.approve"
REJECT: Final = "wagtail_pledge.refuse"
APPROVE_LOGO: Final = "wagtail_pledge.approve_logo"
REJECT_LOGO: Final = "wagtail_pledge.refuse_logo"
RESEND: Final = "wagtail_pledge.resend"
LET_GO: Final = "wagtail_pledge.let_go"
RENEW_LINKS: Final = "wagtail_pledge.renew_links"


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


class ResendFormatter(ReasonFormatter):
    """Formats that staff had the mail of an unconfirmed form sent again."""

    label = _("Send an email for confirmation again")


class LetGoFormatter(ReasonFormatter):
    """Formats that staff removed an unconfirmed form."""

    label = _("Remove a form that waited for confirmation")


class RenewLinksFormatter(ReasonFormatter):
    """Formats the renewal of a signer's links."""

    label = _("Renew links of signer")


class MakeEventLinkFormatter(LogFormatter):  # type: ignore[misc]
    """Formats the making of an event link."""

    label = _("Make event link")

    def format_message(self, log_entry: Any) -> str:
        """Return the name of the link and its quota."""
        data = log_entry.data
        return gettext("%(what)s: %(link)s, %(quota)s forms") % {
            "what": self.label,
            "link": data.get("link", ""),
            "quota": data.get("quota", ""),
        }


class EndEventLinkFormatter(LogFormatter):  # type: ignore[misc]
    """Formats the early end of an event link."""

    label = _("End event link")

    def format_message(self, log_entry: Any) -> str:
        """Return the name of the link."""
        return gettext("%(what)s: %(reason)s") % {"what": self.label, "reason": log_entry.data.get("link", "")}


class RaiseNetworkFormatter(ReasonFormatter):
    """Formats that a moderator let the forms of one network go first."""

    label = _("Let the forms of one network go first")


class ArchiveFormatter(ReasonFormatter):
    """Formats the archiving of a campaign."""

    label = _("Archive campaign")


class UnarchiveFormatter(ReasonFormatter):
    """Formats the return of a campaign from the archive."""

    label = _("Take campaign out of the archive")


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
    actions.register_action(RESEND)(ResendFormatter)
    actions.register_action(LET_GO)(LetGoFormatter)
    actions.register_action(RENEW_LINKS)(RenewLinksFormatter)
    actions.register_action(CHANGE_STATE)(StateFormatter)
    actions.register_action(ARCHIVE)(ArchiveFormatter)
    actions.register_action(UNARCHIVE)(UnarchiveFormatter)
    actions.register_action(MAKE_EVENT_LINK)(MakeEventLinkFormatter)
    actions.register_action(END_EVENT_LINK)(EndEventLinkFormatter)
    actions.register_action(RAISE_NETWORK)(RaiseNetworkFormatter)


def log_decision(action: str, signature: Any, *, user: Any, reason: str = "") -> None:
    """Add one entry to the history of ``signature``.

    Each entry gets its own uuid: Wagtail shows one entry per uuid and action, so if the entries of a bulk action
    shared one, all histories but the last would be empty.
    """
    log(instance=signature, action=action, user=user, uuid=uuid.uuid4(), data={"reason": reason})
