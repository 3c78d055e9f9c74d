"""Choosing decision-makers: the chooser and form fields offer only those that the user may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.choosers import ScopedChooserViewSet
from wagtail_pledge.admin.permissions import has_any_permission, recipients_visible_to
from wagtail_pledge.delivery.managers import RecipientQuerySet
from wagtail_pledge.delivery.models import Recipient


def limit_recipients(field: Any, user: Any, stored: int | None) -> None:
    """Limit a form field to the decision-makers that ``user`` may see, and the ``stored`` one, which stays."""
    if user is not None:
        visible = recipients_visible_to(user).order_by().values("pk")
        field.queryset = field.widget.offered = Recipient.objects.filter(Q(pk__in=visible) | Q(pk=stored))


class RecipientChooserViewSet(ScopedChooserViewSet):
    """Chooser of decision-makers, for all foreign keys to them in the admin."""

    model = Recipient
    icon = "crosshairs"
    choose_one_text = _("Choose a decision-maker")
    choose_another_text = _("Choose another decision-maker")
    edit_item_text = _("Edit this decision-maker")
    search_fields = ("name", "office", "place")

    def may_choose(self, user: Any) -> bool:
        """Whether the user has any of our permissions."""
        return has_any_permission(user)

    def offered_to(self, request: Any) -> RecipientQuerySet:
        """Return the decision-makers that the user may see."""
        return recipients_visible_to(request.user).order_by("office", "name", "pk")


recipient_chooser = RecipientChooserViewSet("wagtail_pledge_recipient_chooser", url_prefix="pledge-recipient-chooser")
