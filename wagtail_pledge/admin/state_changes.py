"""Changes of a pledge's state: the description of their effects, and the form for the reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.widgets import AdminDateTimeInput

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.names import MultilineField
from wagtail_pledge.signing.services import is_open, next_states

ENDED = (PledgeState.CLOSED, PledgeState.DELIVERED, PledgeState.WON, PledgeState.NOT_WON)


class StateChangeForm(forms.Form):
    """Reason for a change of state, and the closing time if the pledge opens."""

    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes on"),
        help_text=gettext_lazy("Signing ends automatically at this time. Leave empty for no closing time."),
        required=False,
        widget=AdminDateTimeInput,
    )
    reason = MultilineField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For your team and the records. Visitors do not see it."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )

    def __init__(self, *args: Any, needs_closing_date: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_closing_date:
            del self.fields["closes_at"]


def state_form(pledge: Pledge, to: PledgeState, now: dt.datetime, data: Any = None) -> StateChangeForm:
    """Return the form for one change; it has ``closes_at`` if the pledge opens."""
    closes_at = pledge.closes_at if pledge.closes_at is not None and pledge.closes_at > now else None
    return StateChangeForm(data, needs_closing_date=to == PledgeState.OPEN, initial={"closes_at": closes_at})


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """One possible change: the new state, and one sentence for each effect."""

    to: PledgeState
    effects: tuple[str, ...]

    @property
    def heading(self) -> str:
        """The text of the heading and of the button."""
        return _("Set the status to “%(state)s”") % {"state": self.to.label}


def steps(pledge: Pledge, total: int, now: dt.datetime) -> list[StateChange]:
    """Return the changes that are possible for ``pledge`` at ``now``; ``total`` is its number of signatures."""
    return [StateChange(to=to, effects=_effects(pledge, to, total, now)) for to in next_states(pledge, now)]


def _effects(pledge: Pledge, to: PledgeState, total: int, now: dt.datetime) -> tuple[str, ...]:
    if to == PledgeState.OPEN:
        return (_opening(pledge, now), _counted(total))
    form = _("The form will be hidden.") if is_open(pledge, now) else _("The form will stay hidden.")
    effects = [form, _counted(total), str(_PAGE_EFFECTS[to])]
    if to == PledgeState.PAUSED:
        effects.append(_("People who have already signed can still confirm."))
    elif to == PledgeState.CLOSED and pledge.state in {PledgeState.OPEN, PledgeState.PAUSED}:
        hours = get_setting("CLOSING_GRACE_HOURS")
        effects.append(
            ngettext(
                "People who signed in time can still confirm for %(hours)s hour after closing.",
                "People who signed in time can still confirm for %(hours)s hours after closing.",
                hours,
            )
            % {"hours": hours}
        )
    return tuple(effects)


def _opening(pledge: Pledge, now: dt.datetime) -> str:
    if pledge.opens_at is not None and pledge.opens_at > now:
        return _("The form will appear automatically at the opening time.")
    return _("The form will appear. Anyone can sign.")


def _counted(total: int) -> str:
    text = ngettext("%(count)s signature will still count.", "%(count)s signatures will still count.", total)
    return text % {"count": number_format(total, force_grouping=True)}


_PAGE_EFFECTS = {
    PledgeState.DRAFT: gettext_lazy("The page says that signing has not begun."),
    PledgeState.PAUSED: gettext_lazy("The page says that signing is paused and will open again."),
    PledgeState.CLOSED: gettext_lazy("The page says that the campaign is closed."),
    PledgeState.DELIVERED: gettext_lazy("The page says that the signatures have been delivered."),
    PledgeState.WON: gettext_lazy("The page says that the campaign won what it asked for."),
    PledgeState.NOT_WON: gettext_lazy("The page says that the campaign did not win what it asked for."),
}
