"""Forms for pledges, signer types, organizations and decisions, and the permission panel of the group form."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.forms.collections import CollectionChoiceField, collection_member_permission_formset_factory
from wagtail.models import Collection

from wagtail_pledge.admin.permissions import (
    PLEDGE_POLICY,
    PledgePermission,
    collections_to_move_to,
    has_permission_on,
)
from wagtail_pledge.admin.pledge_chooser import choose_changeable_pledge
from wagtail_pledge.admin.recipients import limit_recipients
from wagtail_pledge.admin.state_changes import ENDED
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.form_fields import NameField, WebsiteField
from wagtail_pledge.signing.goals import clean_steps
from wagtail_pledge.signing.kinds import kind_choices
from wagtail_pledge.signing.models import Organization, Pledge, SignatureEvent, SignerType
from wagtail_pledge.signing.names import MultilineField, PlainCharField, folded_column
from wagtail_pledge.signing.services.lifecycle import mark_all_days_dirty
from wagtail_pledge.signing.services.pledges import needs_approval
from wagtail_pledge.signing.websites import web_host

#: States that a new pledge can have.
INITIAL_STATES: Final = (PledgeState.DRAFT, PledgeState.OPEN)


def _countries() -> list[tuple[str, str]]:
    return [("", gettext("None")), *country_choices()]


def _help(model: Any, field: str) -> Any:
    return model._meta.get_field(field).help_text


def _label(model: Any, field: str) -> Any:
    return capfirst(model._meta.get_field(field).verbose_name)


def _length(model: Any, field: str) -> Any:
    return model._meta.get_field(field).max_length


class PledgeForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form for a pledge, with the collections in which the user may add pledges.

    An existing pledge can move only to a collection where nobody gets more rights on it (``collections_to_move_to``).
    Only a new pledge has the field ``state``. Later changes need a reason and are made in ``views.states``.
    """

    title = PlainCharField(
        label=_label(Pledge, "title"), max_length=_length(Pledge, "title"), help_text=_help(Pledge, "title")
    )
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
            self._limit_collections(self.fields["collection"])
        for form in getattr(self, "formsets", {}).get("recipients", ()):
            limit_recipients(form.fields["recipient"], self.for_user, form.instance.recipient_id)

    def _limit_collections(self, field: Any) -> None:
        if not self.instance.pk:
            field.queryset = PLEDGE_POLICY.collections_user_has_permission_for(self.for_user, "add")
            return
        field.queryset = collections_to_move_to(self.for_user, self.instance)
        field.help_text = _(
            "Permissions on this collection decide who can see and moderate the signatures. You can move the campaign "
            "only to a collection that gives nobody more rights."
        )

    def save(self, commit: bool = True) -> Pledge:
        """Save, and have the counts by day made again if the time zone has changed."""
        saved: Pledge = super().save(commit)
        if commit and "time_zone" in self.changed_data:
            mark_all_days_dirty(saved)
        return saved

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
    """Form for a signer type. Pledge and kind can't be changed later.

    Signatures without approval are the moderators' decision: nobody else can switch ``approval_required`` off.
    """

    kind = forms.ChoiceField(choices=kind_choices, label=_("Type of signer"))
    name = PlainCharField(label=_label(SignerType, "name"), max_length=_length(SignerType, "name"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_changeable_pledge(self)
        if self.instance.pk:
            self.fields["kind"].disabled = True
            choices = dict(kind_choices())
            if self.instance.kind not in choices:
                self.fields["kind"].choices = [(self.instance.kind, self.instance.kind), *choices.items()]
            if self.instance.approval_required and not self._may_moderate(self.instance.pledge):
                field = self.fields["approval_required"]
                field.disabled, field.help_text = True, self.NEEDS_MODERATOR

    #: Shown where a user may not switch approval off.
    NEEDS_MODERATOR: ClassVar[Any] = _("Only people who may moderate the campaign can switch approval off.")

    def _may_moderate(self, pledge: Pledge) -> bool:
        return self.for_user is None or has_permission_on(self.for_user, pledge, PledgePermission.MODERATE)

    def clean(self) -> dict[str, Any]:
        """Check that a new way to sign needs approval where others of its type do, unless the user may moderate."""
        data: dict[str, Any] = super().clean()
        pledge, kind = data.get("pledge"), data.get("kind")
        if self.instance.pk or data.get("approval_required") or pledge is None or not kind:
            return data
        if needs_approval(pledge, kind) and not self._may_moderate(pledge):
            self.add_error("approval_required", self.NEEDS_MODERATOR)
        return data


class OrganizationForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form for the public data of an organization."""

    name = NameField(label=_label(Organization, "name"), max_length=_length(Organization, "name"))
    website = WebsiteField(
        label=_label(Organization, "website"), max_length=_length(Organization, "website"), required=False
    )
    country = forms.ChoiceField(choices=_countries, required=False, label=_("Country"))
    city = PlainCharField(label=_label(Organization, "city"), max_length=_length(Organization, "city"), required=False)

    def save(self, commit: bool = True) -> Organization:
        """Save, and update the folded name and the host, by which organizations are compared."""
        self.instance.folded_name = folded_column(self.instance.name)
        self.instance.host = web_host(self.instance.website)
        saved: Organization = super().save(commit)
        return saved


class RejectionForm(forms.Form):
    """Reason for rejecting a signature, kept in its events, and whether to email the signer."""

    reason = MultilineField(
        label=_("Reason for rejecting"),
        help_text=_("For your team and the records. The signer sees it only if you check the box below."),
        max_length=_length(SignatureEvent, "reason"),
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
