"""Views of one submission that waits for confirmation: inspect, send its mail again, let it go."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView
from wagtail.log_actions import log

from wagtail_pledge.admin.log_actions import LET_GO, RESEND
from wagtail_pledge.admin.permissions import SUBMISSION_POLICY, PledgePermission, has_permission_on
from wagtail_pledge.admin.signature_details import DetailRow
from wagtail_pledge.admin.views.scoped import ScopedInspectMixin
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd, held_for_label
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.event_links import raise_network
from wagtail_pledge.signing.services.offers import submitted_details
from wagtail_pledge.signing.services.payloads import Payload, payload_of
from wagtail_pledge.signing.services.submissions import ask_for_mail

NAMESPACE: Final = "wagtail_pledge_submissions"
#: Queues of a mail that was asked for; a reminder only comes if nobody confirms.
_DUE: Final = (MailQueue.SIGNERS, MailQueue.SURGE)


def _payload(submission: Submission) -> Payload | None:
    try:
        return payload_of(submission)
    except PledgeError:
        return None


def heading_of(submission: Submission) -> str:
    """Return the name of the signer or the organization."""
    payload = _payload(submission)
    if payload is None:
        return gettext("removed")
    return get_kind(submission.kind).heading(name=payload.data.name, details=payload.data.details)


def mail_fate(submission: Submission) -> str:
    """Return what became of the submission's mail."""
    why = submission.response_label
    if submission.mailed_at is not None:
        return _fate_after_first(submission, why)
    if submission.queue != MailQueue.NO_MAIL:
        return gettext("Queued (%(code)s)") % {"code": why} if why else gettext("Queued")
    return gettext("Not sent (%(code)s)") % {"code": why or "–"}


def _fate_after_first(submission: Submission, why: str) -> str:
    """Return what became of the mail that was asked for after the first one, ``why`` if it was put off or not sent."""
    if submission.queue in _DUE:
        return gettext("Sent; queued again (%(code)s)") % {"code": why} if why else gettext("Sent; queued again")
    if submission.queue == MailQueue.NO_MAIL and why:
        return gettext("Sent; not sent again (%(code)s)") % {"code": why}
    return gettext("Sent")


def why_ended(submission: Submission) -> str:
    """Return why ``submission`` can not be confirmed any more, "" if it can."""
    if submission.moved_to is not None:
        return gettext("Its address was corrected")
    return submission.get_end_reason_display() if submission.ended_at is not None else ""


def _local(moment: dt.datetime | None) -> str:
    """Return a time in the user's time zone and format, "–" for none."""
    return (
        str(date_format(moment.astimezone(timezone.get_current_timezone()), "DATETIME_FORMAT"))
        if moment is not None
        else "–"
    )


class SubmissionInspectView(ScopedInspectMixin, InspectView):  # type: ignore[misc]
    """One submission: what was sent, and what became of its mail."""

    template_name = "wagtail_pledge/admin/submission_inspect.html"
    page_title = _("Waiting for confirmation")

    def get_object(self, queryset: Any = None) -> Any:
        """Return the submission, open or not. Raises ``Http404`` if the user may not see its contact data."""
        rows = SUBMISSION_POLICY.instances_user_has_permission_for(self.request.user, "view")
        try:
            pk = uuid.UUID(str(self.pk))
        except ValueError:
            raise Http404 from None
        row = rows.select_related("statement__signer_type__pledge", "pledge__collection").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an open submission or act on it. Of any other, only say in the listing why it is not open any more."""
        if why := why_ended(self.object):
            messages.error(request, gettext("This form does not wait any more: %(why)s.") % {"why": why})
            return HttpResponseRedirect(reverse(f"{NAMESPACE}:index"))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_fields(self) -> list[str]:
        """Return no model fields: the template shows the payload."""
        return []

    def get_page_subtitle(self) -> str:
        """Return the name of the signer."""
        return heading_of(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the variables that ``submission_inspect.html`` lists."""
        submission = self.object
        payload = _payload(submission)
        details = submitted_details(submission, payload) if payload is not None else ()
        return {
            **super().get_context_data(**kwargs),
            "contact": [DetailRow(label=label, value=value) for label, value in details],
            "facts": [
                DetailRow(label=_("Campaign"), value=submission.pledge),
                DetailRow(label=_("Check"), value=submission.get_review_display()),
                DetailRow(label=_("Reason"), value=held_for_label(submission.review_reason) or "–"),
                DetailRow(label=_("Sent"), value=_local(submission.submitted_at)),
                DetailRow(label=_("Email"), value=mail_fate(submission)),
                DetailRow(label=_("First email at"), value=_local(submission.mailed_at)),
                *self._waiting(),
                DetailRow(label=_("Asked for again"), value=submission.resends),
                DetailRow(label=_("Reminders"), value=submission.reminders),
            ],
            "resend_url": reverse(f"{NAMESPACE}:resend", args=[submission.pk]),
            "let_go_url": reverse(f"{NAMESPACE}:let_go", args=[submission.pk]),
            "raise_url": reverse(f"{NAMESPACE}:raise_network", args=[submission.pk]) if self._may_raise() else "",
        }

    def _waiting(self) -> list[DetailRow]:
        """Return when the first email may leave, and how many forms of the same network wait for theirs."""
        waiting = Submission.objects.waiting_for_first_mail()
        if not waiting.filter(pk=self.object.pk).exists():
            return []
        rows = [DetailRow(label=_("Email may leave at"), value=_local(self.object.due_at))]
        if self.object.network_key:
            mine = waiting.filter(pledge=self.object.pledge_id, network_key=self.object.network_key)
            rows.append(DetailRow(label=_("Forms of this network that wait"), value=mine.count()))
        return rows

    def _may_raise(self) -> bool:
        """Whether the user may let the forms of this network go first."""
        may_moderate = has_permission_on(self.request.user, self.object.pledge, PledgePermission.MODERATE)
        return may_moderate and bool(self.object.network_key) and self.object.mailed_at is None


class SubmissionActionView(SubmissionInspectView):
    """Base of what staff can do with a submission. POST only; logged for its campaign."""

    http_method_names: ClassVar[list[str]] = ["post"]
    action: str

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Act, log it, and redirect with a message."""
        self.act()
        data = {"reference": str(self.object.pk)}
        log(instance=self.object.pledge, action=self.action, user=request.user, uuid=uuid.uuid4(), data=data)
        messages.success(request, self.done_message())
        return HttpResponseRedirect(reverse(f"{NAMESPACE}:index"))

    def act(self) -> None:
        """Override to act on ``self.object``."""
        raise NotImplementedError

    def done_message(self) -> str:
        """Override to return the success message."""
        raise NotImplementedError


class ResendView(SubmissionActionView):
    """Sends the mail again, within the mail budget of the mailbox."""

    action = RESEND

    def act(self) -> None:
        """Ask for the mail."""
        ask_for_mail(self.object.pk)

    def done_message(self) -> str:
        """Return the message."""
        return gettext(
            "The email is queued. It is sent only if the mailbox’s limits allow it and its owner has not stopped our "
            "emails."
        )


class LetGoView(SubmissionActionView):
    """Ends the submission: its link stops working, and its data is deleted a day later."""

    action = LET_GO

    def act(self) -> None:
        """End the submission."""
        Submission.objects.open().filter(pk=self.object.pk).update(**end_columns(SubmissionEnd.LET_GO))

    def done_message(self) -> str:
        """Return the message."""
        return gettext("Removed. Its link no longer works, and its data will be deleted within 26 hours.")


class RaiseNetworkView(SubmissionActionView):
    """Raises the limits of the network that the submission came from, for its campaign; for moderators."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Raise them; the service logs it. Raises ``PermissionDenied`` for users who may not moderate."""
        if not has_permission_on(request.user, self.object.pledge, PledgePermission.MODERATE):
            raise PermissionDenied
        if raise_network(self.object, actor=request.user):
            messages.success(request, self.done_message())
        else:
            messages.error(request, gettext("The limits of this network were already raised."))
        return HttpResponseRedirect(reverse(f"{NAMESPACE}:index"))

    def done_message(self) -> str:
        """Return the message."""
        return gettext("The emails that wait will leave within a minute. The higher limit ends at midnight UTC.")
