"""What a listing can be narrowed to; never wider than what the user sees."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from wagtail_pledge.admin.permissions import visible_to
from wagtail_pledge.signing.enums import Approval, OutboxState, PledgeState, SignatureState, Verdict
from wagtail_pledge.signing.kinds import kind_choices
from wagtail_pledge.signing.managers import PledgeQuerySet, SignatureQuerySet
from wagtail_pledge.signing.models import (
    OrganizationLogo,
    OutboxMessage,
    Pledge,
    SignerType,
    Statement,
    get_signature_model,
)


def visible_pledges(request: Any) -> PledgeQuerySet:
    """Return the choices of a pledge filter."""
    return visible_to(request.user).order_by("title")


class PledgeFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Pledges by state."""

    state = django_filters.ChoiceFilter(choices=PledgeState.choices, label=_("State"))

    class Meta:
        model = Pledge
        fields: list[str] = []


class SignatureFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Signatures by pledge, the three axes and kind."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Pledge"))
    state = django_filters.ChoiceFilter(choices=SignatureState.choices, label=_("State"))
    approval = django_filters.ChoiceFilter(choices=Approval.choices, label=_("Approval"))
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, label=_("Verdict"))
    kind = django_filters.ChoiceFilter(choices=kind_choices, label=_("Kind of signer"))
    logo = django_filters.ChoiceFilter(
        choices=[("waiting", _("Waiting for approval"))], method="with_logo", label=_("Logo")
    )

    class Meta:
        model = get_signature_model()
        fields: list[str] = []

    def with_logo(self, queryset: SignatureQuerySet, _name: str, _value: str) -> SignatureQuerySet:
        """Keep signatures whose logo somebody has to look at."""
        logos = OrganizationLogo.objects.waiting().filter(pledge=OuterRef("pledge"), signature_uuid=OuterRef("uuid"))
        return queryset.filter(Exists(logos))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = kind_choices()
        mine = SignerType.objects.filter(pledge__in=visible_to(self.request.user)).exclude(kind__in=dict(known))
        gone = mine.order_by("kind").values_list("kind", flat=True).distinct()
        self.filters["kind"].extra["choices"] = [*known, *((slug, slug) for slug in gone)]


class SignerTypeFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Signer types by pledge."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Pledge"))

    class Meta:
        model = SignerType
        fields: list[str] = []


class MessageFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Mail by pledge and state."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Pledge"))
    state = django_filters.ChoiceFilter(choices=OutboxState.choices, label=_("State"))

    class Meta:
        model = OutboxMessage
        fields: list[str] = []


class StatementFilterSet(WagtailFilterSet):  # type: ignore[misc]
    """Statements by pledge."""

    pledge = django_filters.ModelChoiceFilter(queryset=visible_pledges, label=_("Pledge"))

    class Meta:
        model = Statement
        fields: list[str] = []
