"""An organization's logo: looked at before anybody else sees it."""

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
    """The picture that waits, for whoever may see the signature."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Return it, or 404 where none waits."""
        logo = logo_of(self.object)
        if logo is None or not logo.is_waiting:
            raise Http404
        response = picture(logo.read(approved=False))
        patch_cache_control(response, private=True, no_store=True)
        return response


class LogoDecisionView(DecisionView):
    """Base of the two decisions. The form names the picture that was looked at: another one is not decided on."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Decide, or say why not."""
        reject_repeated_fields(request)
        return self.decide(reason="")

    @property
    def digest(self) -> str:
        """What stands for the picture that was looked at."""
        return str(self.request.POST.get("seen", ""))


class ApproveLogoView(LogoDecisionView):
    """Show a logo."""

    action = APPROVE_LOGO

    def act(self, *, reason: str) -> None:
        """Approve."""
        approve_logo(self.object, digest=self.digest)

    def done_message(self) -> str:
        """Return the word for it."""
        return gettext("Logo approved. It appears wherever this organization is shown in a logo grid.")


class RejectLogoView(LogoDecisionView):
    """Forget a logo."""

    action = REJECT_LOGO

    def act(self, *, reason: str) -> None:
        """Refuse."""
        reject_logo(self.object, digest=self.digest)

    def done_message(self) -> str:
        """Return the word for it."""
        return gettext("Logo rejected. The organization can send another one.")
