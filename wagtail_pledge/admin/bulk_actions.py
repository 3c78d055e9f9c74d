"""Bulk actions of the signature listing: approve and reject."""

from __future__ import annotations

import logging
import re
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import IntegerField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from wagtail_pledge.admin.filters import SignatureFilterSet
from wagtail_pledge.admin.forms import RejectionForm
from wagtail_pledge.admin.log_actions import APPROVE, REJECT, log_decision
from wagtail_pledge.admin.permissions import PledgePermission, has_any_permission, signatures_visible_to
from wagtail_pledge.admin.signature_details import heading_for, look_alikes
from wagtail_pledge.admin.views.signatures import NAMESPACE, ROW_ERRORS, reject_repeated_fields
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.abuse.lookalikes import ApprovedOrganizationNames
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import approve, reject

#: Each decision takes several queries, all in one request.
MAX_BATCH: Final = 500
ALL: Final = "all"
logger = logging.getLogger(__name__)
#: A valid id if the primary key is a number; longer numbers overflow the column.
ROW_ID: Final = re.compile(r"[0-9]{1,18}")


class InvalidSelection(PledgeError):
    """The selection is empty, too large, or has a signature that the user may not moderate."""


def primary_key(text: str) -> Any | None:
    """Return ``text`` as a primary key of the signature model, ``None`` if it is not valid."""
    field = get_signature_model()._meta.pk
    if isinstance(field, IntegerField):
        return int(text) if ROW_ID.fullmatch(text) else None
    try:
        return field.to_python(text)
    except ValidationError:
        return None


def _not_waiting(count: int) -> str:
    return ngettext(
        "Nothing was changed: %(count)s of the selected signatures is not waiting for this decision.",
        "Nothing was changed: %(count)s of the selected signatures are not waiting for this decision.",
        count,
    ) % {"count": count}


class DecisionBulkAction(BulkAction):  # type: ignore[misc]
    """Base of both actions: the user must be allowed to moderate every selected signature, or nothing is done.

    "Select all" selects what the listing shows with its filters; Wagtail would select every row of the table.
    """

    models: ClassVar[list[Any]] = [get_signature_model()]
    template_name = "wagtail_pledge/admin/bulk_decision.html"
    action: str
    classes: ClassVar[set[str]] = set()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the permission and the selection first; show the message of an invalid one in the listing."""
        if not has_any_permission(request.user, PledgePermission.MODERATE):
            raise PermissionDenied
        reject_repeated_fields(request)
        try:
            self.selected  # noqa: B018 - loads and checks
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except InvalidSelection as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.get_listing_url())
        return response

    def get_listing_url(self) -> str:
        """Return the URL to go back to; Wagtail's default can be this view's own URL, a redirect loop."""
        url: str = self.next_url
        return url if url != self.request.path else reverse(f"{NAMESPACE}:index")

    def get_moderatable(self) -> QuerySet[Any]:
        """Return the signatures that the user may moderate."""
        return signatures_visible_to(self.request.user, PledgePermission.MODERATE)

    @cached_property
    def selected(self) -> list[Any]:
        """The selected signatures. Raises :class:`InvalidSelection`."""
        ids = set(self.request.GET.getlist("id"))
        rows = self.get_filtered() if ALL in ids else self.get_by_ids(ids)
        if not rows:
            raise InvalidSelection("empty", gettext("Select at least one signature."))
        self.check_size(len(rows))
        return rows

    def check_size(self, count: int) -> None:
        """Raise :class:`InvalidSelection` for more signatures than one request should handle."""
        if count > MAX_BATCH:
            message = gettext("Select no more than %(max)s signatures, or filter the list first.")
            raise InvalidSelection("too_many", message % {"max": MAX_BATCH})

    def get_by_ids(self, ids: set[str]) -> list[Any]:
        """Return the signatures with these ids. Raises :class:`InvalidSelection` unless the user may moderate all."""
        self.check_size(len(ids))
        keys = [key for text in ids if (key := primary_key(text)) is not None]
        rows = list(self.get_moderatable().filter(pk__in=keys).order_by("-pk"))
        if len(rows) != len(ids):
            message = gettext(
                "Nothing was changed. You do not have permission to decide on all the selected signatures."
            )
            raise InvalidSelection("foreign", message)
        return rows

    def get_filtered(self) -> list[Any]:
        """Return what the listing shows with its filters, limited to what the user may moderate."""
        filters = SignatureFilterSet(self.request.GET, queryset=self.get_moderatable(), request=self.request)
        rows = filters.qs if filters.is_valid() else self.get_moderatable().none()
        return list(rows.order_by("-pk")[: MAX_BATCH + 1])

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, list[Any]]]:
        """Return the checked selection."""
        return self.selected, {"items_with_no_access": []}

    @cached_property
    def approved_names(self) -> ApprovedOrganizationNames:
        """The approved organizations to compare the selection with: one query for all of it."""
        return ApprovedOrganizationNames()

    def object_context(self, obj: Any) -> dict[str, Any]:
        """Add the signer, if the user may see it, and whether the name looks like an approved organization's."""
        who = heading_for(self.request.user, obj)
        return {"item": obj, "who": who, "is_look_alike": bool(look_alikes(obj, self.approved_names))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``heading``, ``question`` and ``is_serious``."""
        texts = {"heading": self.display_name, "question": self.get_question(), "is_serious": "serious" in self.classes}
        return {**super().get_context_data(**kwargs), **texts}

    def get_question(self) -> str:
        """Return the question above the list."""
        return str(self.question)

    def get_execution_context(self) -> dict[str, Any]:
        """Return the action and the cleaned data of the form."""
        return {"action": self, **self.cleaned_form.cleaned_data}

    @classmethod
    def execute_action(cls, objects: list[Any], *, action: Any, reason: str = "", **chosen: Any) -> tuple[int, int]:
        """Decide about all signatures in one transaction; return (number of decisions, number of failures).

        A signature whose data causes an error is left as it was, and the others are decided. Raises
        :class:`InvalidSelection`, and changes nothing, if one does not wait for the decision.
        """
        not_waiting = failed = 0
        with transaction.atomic():
            for signature in objects:
                try:
                    with transaction.atomic():
                        cls.act(signature, actor=action.request.user, reason=reason, **chosen)
                        log_decision(cls.action, signature, user=action.request.user, reason=reason)
                except PledgeError:
                    not_waiting += 1
                except ROW_ERRORS as error:
                    logger.warning("%s of signature %s failed: %s", cls.action, signature.uuid, type(error).__name__)
                    failed += 1
            if not_waiting:
                raise InvalidSelection("not_waiting", _not_waiting(not_waiting))
        return len(objects) - failed, failed

    @classmethod
    def act(cls, signature: Any, *, actor: Any, reason: str, **chosen: Any) -> None:
        """Override to decide about one signature; ``chosen`` has the other fields of the form."""
        raise NotImplementedError

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Return a message with the number of signatures, and of those whose data caused an error."""
        done = ngettext("%(count)s signature updated.", "%(count)s signatures updated.", num_parent_objects)
        message = done % {"count": num_parent_objects}
        if not num_child_objects:
            return message
        failed = ngettext(
            "%(count)s could not be updated because of an error in its data.",
            "%(count)s could not be updated because of an error in their data.",
            num_child_objects,
        )
        return f"{message} {failed % {'count': num_child_objects}}"


class ApproveBulkAction(DecisionBulkAction):
    """Bulk action that approves the selected signatures."""

    display_name = _("Approve")
    action_type = "approve"
    aria_label = _("Approve the selected signatures")
    question = _("Approve these signatures? They will count within seconds.")
    question_if_held = _("Approve these signatures? Those whose check is not OK will not count until it is.")
    action_priority = 10
    action = APPROVE
    form_class = forms.Form

    def get_question(self) -> str:
        """Return the question, which says so if some of the signatures will not count."""
        is_held = any(signature.review != Review.OK for signature in self.selected)
        return str(self.question_if_held if is_held else self.question)

    @classmethod
    def act(cls, signature: Any, *, actor: Any, reason: str, **_chosen: Any) -> None:
        """Approve one signature."""
        approve(signature, actor=actor, reason=reason)


class RejectBulkAction(DecisionBulkAction):
    """Bulk action that rejects the selected signatures, all for one reason."""

    display_name = _("Reject")
    action_type = "reject"
    aria_label = _("Reject the selected signatures")
    question = _("Reject these signatures? They will not be counted or shown.")
    action_priority = 20
    classes: ClassVar[set[str]] = {"serious"}
    action = REJECT
    form_class = RejectionForm

    @classmethod
    def act(cls, signature: Any, *, actor: Any, reason: str, notify: bool = False, **_chosen: Any) -> None:
        """Reject one signature."""
        reject(signature, actor=actor, reason=reason, notify=notify)
