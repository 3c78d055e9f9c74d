"""Filters of the admin's listings. Their choices are limited to what the user may view."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from wagtail_pledge.admin.permissions import PledgePermission, visible_to
from wagtail_pledge.delivery.models import DecisionStage
from wagtail_pledge.signing.addresses import AddressRefused
from wagtail_pledge.signing.enums import Approval, OutboxState, PledgeState, Review, SignatureState
from wagtail_pledge.signing.kinds import kind_choices
from wagtail_pledge.signing.managers import PledgeQuerySet, SignatureQuerySet, SubmissionQuerySet
from wagtail_pledge.signing.models import (
    OrganizationLogo,
    OutboxMessage,
    Pledge,
    SignerType,
    Statement,
    Submission,
    get_signature_model,
)
from wagtail_pledge.signing.services.signing import all_mailbox_keys


def visible_pledges(request: Any) -> PledgeQuerySet:
    """Return the choices of a filter by pledge."""
    return visible_to(request.user).order_by("title")


class PledgeFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters pledges by state. Archived ones are left out unless the filter asks for them."""

    ARCHIVED, ALL = "yes", "all"

    state = django_filters.ChoiceFilter(choices=PledgeState.choices, label=_("Status"))
    archived = django_filters.ChoiceFilter(
        choices=[(ARCHIVED, _("Archived")), (ALL, _("All"))],
        empty_label=_("Not archived"),
        method="with_archived",
        label=_("Archive"),
    )

    class Meta:
        model = Pledge
        fields: list[str] = []

    def with_archived(self, queryset: PledgeQuerySet, _name: str, value: str) -> PledgeQuerySet:
        """Return the archived pledges, or all."""
        return queryset if value == self.ALL else queryset.filter(archived_at__isnull=False)

    def filter_queryset(self, queryset: PledgeQuerySet) -> PledgeQuerySet:
        """Leave archived pledges out: without a value, django-filter skips the filter."""
        rows = queryset if self.form.cleaned_data.get("archived") else queryset.in_use()
        filtered: PledgeQuerySet = super().filter_queryset(rows)
        return filtered


class SignatureFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters signatures by pledge, state, approval, review, kind (those in use) and logo."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))
    state = django_filters.ChoiceFilter(choices=SignatureState.choices, label=_("Status"))
    approval = django_filters.ChoiceFilter(choices=Approval.choices, label=_("Approval"))
    review = django_filters.ChoiceFilter(choices=Review.choices, label=_("Check"))
    kind = django_filters.ChoiceFilter(choices=kind_choices, label=_("Type of signer"))
    logo = django_filters.ChoiceFilter(
        choices=[("waiting", _("Waiting for approval"))], method="with_logo", label=_("Logo")
    )

    class Meta:
        model = get_signature_model()
        fields: list[str] = []

    def with_logo(self, queryset: SignatureQuerySet, _name: str, _value: str) -> SignatureQuerySet:
        """Return the signatures with a logo that waits for approval."""
        logos = OrganizationLogo.objects.waiting().filter(pledge=OuterRef("pledge"), signature_uuid=OuterRef("uuid"))
        return queryset.filter(Exists(logos))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = SignerType.objects.filter(pledge__in=visible_to(self.request.user))
        used = set(types.values_list("kind", flat=True))
        registered = [(slug, label) for slug, label in kind_choices() if slug in used]
        unregistered = sorted(used - dict(registered).keys())
        self.filters["kind"].extra["choices"] = [*registered, *((slug, slug) for slug in unregistered)]


class SubmissionFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters submissions by pledge, check and exact address, in any spelling of the mailbox."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))
    review = django_filters.ChoiceFilter(choices=Review.choices, label=_("Check"))
    address = django_filters.CharFilter(method="of_address", label=_("Email address (exact)"))

    class Meta:
        model = Submission
        fields: list[str] = []

    def of_address(self, queryset: SubmissionQuerySet, _name: str, value: str) -> SubmissionQuerySet:
        """Return the submissions of the mailbox; none for something that is no address."""
        pledges = visible_to(self.request.user, PledgePermission.CONTACT)
        try:
            keys = {pledge.pk: all_mailbox_keys(pledge, value.strip()) for pledge in pledges}
        except AddressRefused:
            return queryset.none()
        mailboxes = [key for of_pledge in keys.values() for key in of_pledge]
        return queryset.filter(pledge_id__in=list(keys), mailbox_key__in=mailboxes)


class SignerTypeFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters signer types by pledge."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))

    class Meta:
        model = SignerType
        fields: list[str] = []


class StageFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters the stages of decisions by pledge."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))

    class Meta:
        model = DecisionStage
        fields: list[str] = []


class MessageFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters outbox messages by pledge and state."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))
    state = django_filters.ChoiceFilter(choices=OutboxState.choices, label=_("Status"))

    class Meta:
        model = OutboxMessage
        fields: list[str] = []


class StatementFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Filters statements by pledge."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Campaign"))

    class Meta:
        model = Statement
        fields: list[str] = []
