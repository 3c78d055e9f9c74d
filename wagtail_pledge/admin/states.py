"""Changing the state of a pledge: what it means, in words, and the form that asks why."""

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
from wagtail_pledge.signing.services import is_open, next_states

ENDED = (PledgeState.CLOSED, PledgeState.DELIVERED, PledgeState.WON, PledgeState.NOT_WON)


class StateForm(forms.Form):
    """Why the state changes; and until when people can sign, where it opens."""

    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes at"),
        help_text=gettext_lazy("Signing ends by itself at this time. Empty: no closing time."),
        required=False,
        widget=AdminDateTimeInput,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("For your colleagues and the record; visitors do not see it."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why you change it.")},
    )

    def __init__(self, *args: Any, asks_for_end: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_for_end:
            del self.fields["closes_at"]


def state_form(pledge: Pledge, to: PledgeState, now: dt.datetime, data: Any = None) -> StateForm:
    """Return the form for one change: it asks for a closing time where the pledge opens."""
    ahead = pledge.closes_at if pledge.closes_at is not None and pledge.closes_at > now else None
    return StateForm(data, asks_for_end=to == PledgeState.OPEN, initial={"closes_at": ahead})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change that can be made: the state it leads to and what it does, a sentence each."""

    to: PledgeState
    means: tuple[str, ...]

    @property
    def heading(self) -> str:
        """What is done, as a heading and on the button."""
        return _("Set the state to “%(state)s”") % {"state": self.to.label}


def steps(pledge: Pledge, total: int, now: dt.datetime) -> list[Step]:
    """Return what can be done with ``pledge`` at ``now``; ``total`` names count."""
    return [Step(to=to, means=_means(pledge, to, total, now)) for to in next_states(pledge, now)]


def _means(pledge: Pledge, to: PledgeState, total: int, now: dt.datetime) -> tuple[str, ...]:
    if to == PledgeState.OPEN:
        return (_opening(pledge, now), _counted(total))
    form = _("The form disappears.") if is_open(pledge, now) else _("The form stays hidden.")
    said = [form, _counted(total), str(_PAGE_SAYS[to])]
    if to == PledgeState.PAUSED:
        said.append(_("Whoever has signed can still confirm."))
    elif to == PledgeState.CLOSED and pledge.state in {PledgeState.OPEN, PledgeState.PAUSED}:
        hours = get_setting("CLOSING_GRACE_HOURS")
        said.append(
            ngettext(
                "Whoever signed in time can still confirm for %(hours)s hour after closing.",
                "Whoever signed in time can still confirm for %(hours)s hours after closing.",
                hours,
            )
            % {"hours": hours}
        )
    return tuple(said)


def _opening(pledge: Pledge, now: dt.datetime) -> str:
    if pledge.opens_at is not None and pledge.opens_at > now:
        return _("The form appears by itself at the opening time, which lies ahead.")
    return _("The form appears: anybody can sign.")


def _counted(total: int) -> str:
    said = ngettext("%(count)s name stays counted.", "%(count)s names stay counted.", total)
    return said % {"count": number_format(total, force_grouping=True)}


_PAGE_SAYS = {
    PledgeState.DRAFT: gettext_lazy("The page says that signing has not begun."),
    PledgeState.PAUSED: gettext_lazy("The page says that signing is paused and opens again."),
    PledgeState.CLOSED: gettext_lazy("The page says that the call is closed."),
    PledgeState.DELIVERED: gettext_lazy("The page says that the names have been handed over."),
    PledgeState.WON: gettext_lazy("The page says that the call reached what it asked for."),
    PledgeState.NOT_WON: gettext_lazy("The page says that the call ended without what it asked for."),
}
