"""The admin page on which users set up, renew and remove their second factor."""

from __future__ import annotations

from base64 import b32encode
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from django_otp import login as verify_session
from django_otp import user_has_device

from example_project.campaign.staff.devices import activate, new_app, new_recovery_codes, remove
from example_project.campaign.staff.forms import SecondFactorForm


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SecondFactorView(View):
    """Users without a second factor scan a QR code; with one, they get new recovery codes or remove it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self._page(request, self._form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set it up, or do what the pressed button says, after checking password and code."""
        form = self._form(request, request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        if form.device is not None:
            codes = activate(request.user, form.device)
            request.session.cycle_key()
            verify_session(request, form.device)
        elif "remove" in request.POST:
            remove(request.user)
            messages.success(request, _("Your second factor was removed."))
            return redirect("second_factor")
        else:
            codes = new_recovery_codes(request.user)
        return self._page(request, form, codes=codes)

    def _form(self, request: HttpRequest, data: Any = None) -> SecondFactorForm:
        device = None if user_has_device(request.user) else new_app(request.user)
        return SecondFactorForm(data, request=request, device=device)

    def _page(
        self, request: HttpRequest, form: SecondFactorForm, *, codes: list[str] | None = None, status: int = 200
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "page_title": _("Second factor"),
            "form": form,
            "codes": codes,
            "is_required": settings.SECOND_FACTOR_REQUIRED,
        }
        if form.device is not None and not codes:
            context["secret"] = b32encode(form.device.bin_key).decode()
            context["qr_code"] = segno.make(form.device.config_url).svg_data_uri(scale=5, light="white")
        return TemplateResponse(request, "campaign/staff/second_factor.html", context, status=status)
