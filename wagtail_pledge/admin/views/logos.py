"""Views to show a logo that waits for approval, and to approve or reject it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from wagtail_pledge.admin.log_actions import APPROVE_LOGO, REJECT_LOGO
from wagtail_pledge.admin.views.signatures import DecisionView, SignatureInspectView, reject_repeated_fields
from wagtail_pledge.campaigns.views.logo import picture
from wagtail_pledge.signing.services import approve_logo, logo_of, reject_logo


class LogoImageView(SignatureInspectView):
    """Serves a logo that waits for approval to users who may view the signature."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Return the picture. Raises ``Http404`` if none waits."""
        logo = logo_of(self.object)
        if logo is None or not logo.is_waiting:
            raise Http404
        response = picture(logo.read(approved=False))
        patch_cache_control(response, private=True, no_store=True)
        return response


class LogoDecisionView(DecisionView):
    """Base of both decisions. The form sends the digest of the picture that was shown; no other one is decided on."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Decide about the logo."""
        reject_repeated_fields(request)
        return self.decide(reason="")

    @property
    def digest(self) -> str:
        """The digest of the picture that the user saw."""
        return str(self.request.POST.get("seen", ""))


class ApproveLogoView(LogoDecisionView):
    """Approves a logo."""

    action = APPROVE_LOGO

    def act(self, *, reason: str, **_chosen: Any) -> None:
        """Approve the logo."""
        approve_logo(self.object, digest=self.digest)

    def done_message(self) -> str:
        """Return the message."""
        return gettext("Logo approved. It appears wherever this organization is shown in a logo grid.")


class RejectLogoView(LogoDecisionView):
    """Rejects a logo, which deletes it."""

    action = REJECT_LOGO

    def act(self, *, reason: str, **_chosen: Any) -> None:
        """Reject the logo."""
        reject_logo(self.object, digest=self.digest)

    def done_message(self) -> str:
        """Return the message."""
        return gettext("Logo rejected. The organization can send another one.")
