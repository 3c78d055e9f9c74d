"""Views of one signature: inspect, approve, reject and history."""

from __future__ import annotations

import logging
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.db import DataError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView
from wagtail.admin.views.generic.history import HistoryView

from wagtail_pledge.admin import signature_details as signers
from wagtail_pledge.admin.forms import RejectionForm
from wagtail_pledge.admin.log_actions import APPROVE, REJECT, RENEW_LINKS, log_decision
from wagtail_pledge.admin.permissions import may_moderate, signatures_visible_to
from wagtail_pledge.admin.views.scoped import ScopedInspectMixin, ScopedObjectMixin
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.abuse.lookalikes import ApprovedOrganizationNames
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.logos import HEIGHT, WIDTH
from wagtail_pledge.signing.services import approve, kind_has_logos, logo_digest, logo_of, reject, renew_links
from wagtail_pledge.signing.services.link_renewal import NothingToRenew

NAMESPACE: Final = "wagtail_pledge_signatures"
#: Errors that come from the data of one signature, such as a text that the database cannot store.
ROW_ERRORS: Final = (DataError, IntegrityError, ValueError)
logger = logging.getLogger(__name__)
#: The filters of the signature listing that make it the approval queue.
QUEUE: Final = "?state=confirmed&approval=waiting"


def queue_url() -> str:
    """Return the URL of the signatures that wait for approval."""
    return reverse(f"{NAMESPACE}:index") + QUEUE


def reject_repeated_fields(request: HttpRequest) -> None:
    """Raise ``BadRequest`` if a field was sent more than once, because all values but one would be ignored."""
    if any(len(values) > 1 for _name, values in request.POST.lists()) or set(request.POST) & set(request.GET):
        raise BadRequest


class _EncryptedInspectView(InspectView):  # type: ignore[misc]
    def get_object(self, queryset: Any = None) -> Any:
        """Return the signature with its statement and signer type, without loading personal data."""
        signatures = signatures_visible_to(self.request.user).select_related("statement", "signer_type")
        return get_object_or_404(signatures.defer(*signers.CONTACT_COLUMNS), pk=self.pk)


class SignatureInspectView(ScopedInspectMixin, _EncryptedInspectView):
    """One signature: what the user may see, its timeline, and the possible decisions."""

    template_name = "wagtail_pledge/admin/signature_inspect.html"
    page_title = _("Signature")

    def get_fields(self) -> list[str]:
        """Return no model fields: the template shows what the user's permissions allow."""
        return []

    def get_page_subtitle(self) -> str:
        """Return the name of the signer, if the user may see it."""
        return signers.heading_for(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the variables that ``signature_inspect.html`` lists."""
        context = super().get_context_data(**kwargs)
        signature, moderates = self.object, may_moderate(self.request.user, self.object)
        return {
            "rejection_form": RejectionForm(),
            **context,
            "facts": signers.signature_details(signature),
            "contact": signers.contact_details(self.request.user, signature),
            "statement": signature.statement,
            "look_alikes": signers.look_alikes(signature, ApprovedOrganizationNames()) if moderates else [],
            "timeline": list(signers.timeline(signature)),
            "approve_url": self.url_of("approve") if moderates and signers.can_approve(signature) else "",
            "reject_url": self.url_of("reject") if moderates and signers.can_reject(signature) else "",
            "renew_url": self.url_of("renew_links") if moderates and signers.can_renew_links(signature) else "",
            "statement_url": reverse("wagtail_pledge_statements:inspect", args=[signature.statement_id]),
            "queue_url": queue_url(),
            "logo": self.get_logo(moderates=moderates) if kind_has_logos(signature.kind) else None,
        }

    def get_logo(self, *, moderates: bool) -> dict[str, Any] | None:
        """Return the logo's URLs, digest and size for the template, ``None`` without a logo. One query."""
        logo = logo_of(self.object)
        if logo is None or not (logo.is_waiting or logo.is_shown):
            return None
        decides = moderates and logo.is_waiting
        return {
            "shown_url": logo.file.url if logo.is_shown else "",
            "waiting_url": self.url_of("logo") if logo.is_waiting else "",
            "seen": logo_digest(bytes(logo.content)),
            "approve_url": self.url_of("approve_logo") if decides else "",
            "reject_url": self.url_of("reject_logo") if decides else "",
            "width": WIDTH,
            "height": HEIGHT,
        }

    def url_of(self, view: str) -> str:
        """Return the URL of one of this signature's views."""
        return reverse(f"{NAMESPACE}:{view}", args=[self.object.pk])


class DecisionView(SignatureInspectView):
    """Base of both decisions. POST only."""

    http_method_names: ClassVar[list[str]] = ["post"]
    any_permission_required: ClassVar[list[str]] = ["change"]
    action: str

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Decide without a reason."""
        return self.decide(reason="")

    def decide(self, *, reason: str, **chosen: Any) -> HttpResponse:
        """Decide and log it; redirect to the signature with a message. ``chosen`` is passed to :meth:`act`."""
        try:
            with transaction.atomic():
                self.act(reason=reason, **chosen)
                log_decision(self.action, self.object, user=self.request.user, reason=reason)
        except PledgeError as error:
            messages.error(self.request, error.message)
        except ROW_ERRORS as error:
            logger.warning("%s of signature %s failed: %s", self.action, self.object.uuid, type(error).__name__)
            messages.error(self.request, gettext("Nothing was changed: the data of this signature has an error."))
        else:
            messages.success(
                self.request, self.done_message(), buttons=[messages.button(queue_url(), gettext("Approval queue"))]
            )
        return HttpResponseRedirect(self.url_of("inspect"))

    def act(self, *, reason: str, **chosen: Any) -> None:
        """Override to decide; ``chosen`` has the other fields of the form."""
        raise NotImplementedError

    def done_message(self) -> str:
        """Override to return the success message."""
        raise NotImplementedError


class ApproveView(DecisionView):
    """Approves a signature."""

    action = APPROVE

    def act(self, *, reason: str, **_chosen: Any) -> None:
        """Approve the signature."""
        approve(self.object, actor=self.request.user, reason=reason)

    def done_message(self) -> str:
        """Return the message."""
        review = self.object.review
        if review == Review.OK:
            return gettext("Approved. The public count will update within seconds.")
        if review == Review.INVALID:
            return gettext("Approved. It does not count, because it was marked invalid.")
        return gettext("Approved. It does not count yet, because it needs review.")


class RejectView(DecisionView):
    """Rejects a signature, with a reason."""

    action = REJECT

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Reject the signature if the form is valid, otherwise show the form again with status 422."""
        reject_repeated_fields(request)
        form = RejectionForm(request.POST)
        if form.is_valid():
            return self.decide(**form.cleaned_data)
        response: HttpResponse = self.render_to_response(self.get_context_data(rejection_form=form), status=422)
        return response

    def act(self, *, reason: str, notify: bool = False, **_chosen: Any) -> None:
        """Reject the signature."""
        reject(self.object, actor=self.request.user, reason=reason, notify=notify)

    def done_message(self) -> str:
        """Return the message."""
        return gettext("Rejected. It will not be counted or shown.")


class RenewLinksView(DecisionView):
    """Ends all links to a signature that were mailed so far, for instance if a signer's mail was read by others."""

    action = RENEW_LINKS

    def act(self, *, reason: str, **_chosen: Any) -> None:
        """Renew the links."""
        if not renew_links(self.object, actor=self.request.user):
            raise NothingToRenew

    def done_message(self) -> str:
        """Return the message."""
        return gettext("Earlier links no longer work. The signer gets an email with a new one.")


class SignatureHistoryView(ScopedObjectMixin, HistoryView):  # type: ignore[misc]
    """History of the decisions about one signature."""

    header_buttons: ClassVar[list[Any]] = []

    def get_base_object_queryset(self) -> Any:
        """Return the signatures that the user may view, without loading personal data."""
        return signatures_visible_to(self.request.user).defer(*signers.CONTACT_COLUMNS)

    def get_page_subtitle(self) -> str:
        """Return the signature's reference."""
        return str(self.object)

    def get_edit_url(self, instance: Any) -> str:
        """Return the URL of the inspect view: signatures have no form."""
        return reverse(f"{NAMESPACE}:inspect", args=[instance.pk])
