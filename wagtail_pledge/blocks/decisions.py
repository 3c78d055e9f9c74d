"""Blocks on who decides: the decision-makers whom a campaign urges, and the stages of the decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.caching.headers import mark_shows_names
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.delivery.display import DecisionMaker, Evidence, Stage, decision_makers, decision_path
from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import public_signers

MAX_SIGNERS: Final = 100
_SAMPLE_DAY: Final = dt.date(2026, 2, 3)


def named_kind_choices() -> list[tuple[str, Any]]:
    """Return the signer kinds whose signers are always named, without organizations, which have their own block."""
    named = (
        (slug, capfirst(str(kind.plural)))
        for slug, kind in kinds().items()
        if kind.is_always_public() and all(field.name != "organization" for field in kind.fields)
    )
    return [("", _("None")), *named]


def sample_decision_makers() -> tuple[DecisionMaker, ...]:
    """Return invented decision-makers for previews."""
    return (
        DecisionMaker(
            office=gettext("Chair of the committee"),
            place=gettext("Parliament"),
            website="https://example.org/",
            position=Position.UNDECIDED,
            position_on=_SAMPLE_DAY,
            position_source="https://example.org/",
        ),
        DecisionMaker(office=gettext("Head of government")),
    )


def sample_path() -> tuple[Stage, ...]:
    """Return an invented decision path for previews."""
    evidence = Evidence(day=_SAMPLE_DAY, text=gettext("The committee has set a date."), source="https://example.org/")
    return (
        Stage(
            name=gettext("The committee holds a hearing"),
            text="",
            state=StageState.UNDER_WAY,
            who=gettext("Chair of the committee"),
            evidence=(evidence,),
            is_current=True,
        ),
        Stage(name=gettext("Parliament votes"), text="", state=StageState.NOT_STARTED, who=gettext("Parliament")),
    )


class DecisionBlock(PledgeBlock):
    """Base of both blocks: their heading and introduction, and the sample pledge of previews."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, rows=2, label=_("Introduction"))

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add a sample pledge, for which the samples are shown."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}


class DecisionMakersBlock(DecisionBlock):
    """Whom a campaign urges: office, place, contact, and position with its source and date."""

    signers = blocks.ChoiceBlock(
        choices=named_kind_choices,
        required=False,
        label=_("Also list who has signed"),
        help_text=_("Approved signers of one type, such as elected officials, by name."),
    )

    settings_fields = ("pledge", "signers")

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``decision_makers``, and ``signed``: the names and the noun of the chosen kind, or ``None``."""
        context = super().get_context(value, parent_context=parent_context)
        pledge = context["pledge"]
        if pledge is None or not (pledge.pk or pledge.uuid == SAMPLE_UUID):
            return {**context, "decision_makers": (), "signed": None}
        if pledge.uuid == SAMPLE_UUID:
            return {**context, "decision_makers": sample_decision_makers(), "signed": None}
        shown = memoize_per_request(("decision makers", pledge.pk, get_language()), partial(decision_makers, pledge))
        return {**context, "decision_makers": shown, "signed": self._signed(pledge, value, context.get("request"))}

    def _signed(self, pledge: Pledge, value: Mapping[str, Any], request: Any) -> dict[str, Any] | None:
        kind = kinds().get(value.get("signers") or "")
        if kind is None:
            return None
        if request is not None:
            mark_shows_names(request)
        read = partial(public_signers, pledge, kind.slug, MAX_SIGNERS)
        names = memoize_per_request(("signers of kind", pledge.pk, kind.slug, get_language()), read)
        return {"names": names, "plural": capfirst(str(kind.plural))}

    class Meta:
        icon = "crosshairs"
        group = _("Progress")
        label = _("Who decides")
        description = _("The decision-makers whom the campaign urges, with their position, its source and date.")
        template = "wagtail_pledge/blocks/decision_makers.html"
        preview_template = "wagtail_pledge/blocks/preview/decision_makers.html"
        preview_value: Final = {"heading": _("Who decides"), "text": "", "pledge": "", "signers": ""}


class DecisionPathBlock(DecisionBlock):
    """The stages of a campaign's decision: state, who can move each, and dated evidence."""

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``stages``."""
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "stages": self._stages(context["pledge"])}

    def _stages(self, pledge: Pledge | None) -> tuple[Stage, ...]:
        if pledge is not None and pledge.uuid == SAMPLE_UUID:
            return sample_path()
        if pledge is None or not pledge.pk:
            return ()
        key = ("decision path", pledge.pk, get_language())
        return memoize_per_request(key, partial(decision_path, pledge))

    class Meta:
        icon = "list-ol"
        group = _("Progress")
        label = _("Decision path")
        description = _("The stages on the way to the decision, who can move each, and the evidence with its date.")
        template = "wagtail_pledge/blocks/decision_path.html"
        preview_template = "wagtail_pledge/blocks/preview/decision_path.html"
        preview_value: Final = {"heading": _("The way to the decision"), "text": "", "pledge": ""}
