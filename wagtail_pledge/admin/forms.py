"""Forms of the ledger, and where an admin grants the rights on it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.forms.collections import CollectionChoiceField, collection_member_permission_formset_factory
from wagtail.models import Collection

from wagtail_pledge.admin.permissions import Right, collections_for, visible_to
from wagtail_pledge.admin.states import ENDED
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.goals import clean_steps
from wagtail_pledge.signing.kinds import kind_choices
from wagtail_pledge.signing.kinds.base import web_host
from wagtail_pledge.signing.models import Organization, Pledge, SignatureEvent
from wagtail_pledge.signing.names import folded

#: States in which a pledge may begin.
STARTS: Final = (PledgeState.DRAFT, PledgeState.OPEN)


def _countries() -> list[tuple[str, str]]:
    return [("", gettext("None")), *country_choices()]


def _help(model: Any, field: str) -> Any:
    return model._meta.get_field(field).help_text


class PledgeForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Dates, goal and the rest of a pledge; a collection can be chosen only where one may add pledges.

    The state is asked for at the start only: from then on it changes in steps, each with a reason (``views.states``).
    """

    country = forms.ChoiceField(
        choices=_countries, required=False, label=_("Country"), help_text=_help(Pledge, "country")
    )
    collection = CollectionChoiceField(
        queryset=Collection.objects.all(), label=_("Collection"), help_text=_help(Pledge, "collection")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("state", None)
        elif "state" in self.fields:
            self.fields["state"].choices = [(state.value, state.label) for state in STARTS]
        if self.for_user is not None and "collection" in self.fields:
            here = Collection.objects.filter(pk=self.instance.collection_id) if self.instance.pk else None
            allowed = collections_for(self.for_user, Right.ADD)
            self.fields["collection"].queryset = allowed | here if here is not None else allowed

    def clean_goal_steps(self) -> str:
        """Refuse steps that don't rise."""
        return clean_steps(self.cleaned_data["goal_steps"])

    def clean(self) -> dict[str, Any]:
        """Say beside the field that signing can't end before it begins."""
        data: dict[str, Any] = super().clean()
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and opens >= closes:
            self.add_error("closes_at", gettext("The closing time must come after the opening time."))
        elif closes and self.instance.pk and self.instance.state in ENDED and closes > database_now():
            self.add_error("closes_at", gettext("Signing has ended. To let people sign again, change the state."))
        return data


class SignerTypeForm(WagtailAdminModelForm):  # type: ignore[misc]
    """One way to sign; its pledge and kind stay what they are once it exists."""

    kind = forms.ChoiceField(choices=kind_choices, label=_("Kind of signer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None:
            self.fields["pledge"].queryset = visible_to(self.for_user, Right.CHANGE)
        if self.instance.pk:
            self.fields["pledge"].disabled = self.fields["kind"].disabled = True
            known = dict(kind_choices())
            if self.instance.kind not in known:
                self.fields["kind"].choices = [(self.instance.kind, self.instance.kind), *known.items()]


class OrganizationForm(WagtailAdminModelForm):  # type: ignore[misc]
    """What is publicly known of an organization; how it is recognised again follows from it."""

    country = forms.ChoiceField(choices=_countries, required=False, label=_("Country"))

    def clean_name(self) -> str:
        """Refuse a name that could not be recognised again."""
        name: str = self.cleaned_data["name"].strip()
        if not folded(name):
            raise ValidationError(gettext("Enter a name with letters"), code="no_letters")
        return name

    def save(self, commit: bool = True) -> Organization:
        """Keep name and website for comparison in step."""
        self.instance.folded_name = folded(self.instance.name)
        self.instance.host = web_host(self.instance.website)
        saved: Organization = super().save(commit)
        return saved


class RefusalForm(forms.Form):
    """Why a signature is refused, kept with its events, and whether its signer is told."""

    reason = forms.CharField(
        label=_("Reason for refusing"),
        help_text=_("For your colleagues and the record. The signer gets it only if you tick the box below."),
        max_length=SignatureEvent._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why you refuse it.")},
    )
    tell = forms.BooleanField(
        label=_("Write to the signer"),
        help_text=_("One message with your reason, word for word, in the language of the signature."),
        required=False,
    )


#: Shown in the group editor. Columns stand in the order of the codenames, as the check boxes do.
GroupPledgePermissionFormSet = collection_member_permission_formset_factory(
    Pledge,
    [
        (Right.ADD, _("Add"), _("Start pledges")),
        (Right.CHANGE, _("Edit"), _("Change dates, goal and state of pledges")),
        (Right.DELETE, _("Delete"), _("Delete pledges that nobody signed")),
        (Right.MODERATE, _("Moderate"), _("Approve and refuse signatures")),
        (Right.CONTACT, _("See contact data"), _("See names and addresses of signers")),
        (Right.VIEW, _("View"), _("See pledges and counts")),
    ],
    "wagtail_pledge/admin/group_permissions.html",
)
