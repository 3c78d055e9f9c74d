"""Forms for pledges, signer types, organizations and decisions, and the permission panel of the group form."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.forms.collections import CollectionChoiceField, collection_member_permission_formset_factory
from wagtail.models import Collection

from wagtail_pledge.admin.permissions import PLEDGE_POLICY, PledgePermission, visible_to
from wagtail_pledge.admin.state_changes import ENDED
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.goals import clean_steps
from wagtail_pledge.signing.kinds import kind_choices
from wagtail_pledge.signing.kinds.base import web_host
from wagtail_pledge.signing.models import Organization, Pledge, SignatureEvent
from wagtail_pledge.signing.names import fold_name

#: States that a new pledge can have.
INITIAL_STATES: Final = (PledgeState.DRAFT, PledgeState.OPEN)


def _countries() -> list[tuple[str, str]]:
    return [("", gettext("None")), *country_choices()]


def _help(model: Any, field: str) -> Any:
    return model._meta.get_field(field).help_text


class PledgeForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form for a pledge, with the collections in which the user may add pledges.

    Only a new pledge has the field ``state``. Later changes need a reason and are made in ``views.states``.
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
            self.fields["state"].choices = [(state.value, state.label) for state in INITIAL_STATES]
        if self.for_user is not None and "collection" in self.fields:
            current = Collection.objects.filter(pk=self.instance.collection_id) if self.instance.pk else None
            allowed = PLEDGE_POLICY.collections_user_has_permission_for(self.for_user, "add")
            self.fields["collection"].queryset = allowed | current if current is not None else allowed

    def clean_goal_steps(self) -> str:
        """Return the steps. Raises ``ValidationError`` unless each is higher than the one before."""
        return clean_steps(self.cleaned_data["goal_steps"])

    def clean(self) -> dict[str, Any]:
        """Check that signing ends after it begins, and that a closing time does not reopen an ended pledge."""
        data: dict[str, Any] = super().clean()
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and opens >= closes:
            self.add_error("closes_at", gettext("The closing time must come after the opening time."))
        elif closes and self.instance.pk and self.instance.state in ENDED and closes > database_now():
            self.add_error("closes_at", gettext("Signing has ended. To let people sign again, change the status."))
        return data


class SignerTypeForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form for a signer type. Pledge and kind can't be changed later."""

    kind = forms.ChoiceField(choices=kind_choices, label=_("Type of signer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None:
            self.fields["pledge"].queryset = visible_to(self.for_user, PledgePermission.CHANGE)
        if self.instance.pk:
            self.fields["pledge"].disabled = self.fields["kind"].disabled = True
            choices = dict(kind_choices())
            if self.instance.kind not in choices:
                self.fields["kind"].choices = [(self.instance.kind, self.instance.kind), *choices.items()]


class OrganizationForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form for the public data of an organization."""

    country = forms.ChoiceField(choices=_countries, required=False, label=_("Country"))

    def clean_name(self) -> str:
        """Return the name. Raises ``ValidationError`` for a name without letters: it could not be compared."""
        name: str = self.cleaned_data["name"].strip()
        if not fold_name(name):
            raise ValidationError(gettext("Enter a name that contains letters"), code="no_letters")
        return name

    def save(self, commit: bool = True) -> Organization:
        """Save, and update the folded name and the host, by which organizations are compared."""
        self.instance.folded_name = fold_name(self.instance.name)
        self.instance.host = web_host(self.instance.website)
        saved: Organization = super().save(commit)
        return saved


class RejectionForm(forms.Form):
    """Reason for rejecting a signature, kept in its events, and whether to email the signer."""

    reason = forms.CharField(
        label=_("Reason for rejecting"),
        help_text=_("For your team and the records. The signer sees it only if you check the box below."),
        max_length=SignatureEvent._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Enter a reason.")},
    )
    notify = forms.BooleanField(
        label=_("Email the signer"),
        help_text=_("Sends one email with your exact reason, in the language the person signed in."),
        required=False,
    )


#: Panel of the group form. Its columns are in the order of the codenames, which is the order of the check boxes.
GroupPledgePermissionFormSet = collection_member_permission_formset_factory(
    Pledge,
    [
        (PledgePermission.ADD, _("Add"), _("Create campaigns")),
        (PledgePermission.CHANGE, _("Edit"), _("Change dates, goal and status of campaigns")),
        (PledgePermission.DELETE, _("Delete"), _("Delete campaigns that nobody has signed")),
        (PledgePermission.MODERATE, _("Moderate"), _("Approve and reject signatures")),
        (PledgePermission.CONTACT, _("See contact data"), _("See signers’ names and email addresses")),
        (PledgePermission.VIEW, _("View"), _("See campaigns and counts")),
    ],
    "wagtail_pledge/admin/group_permissions.html",
)
