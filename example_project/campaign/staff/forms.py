"""Wagtail's login form with a field for the second factor, and the form that confirms changes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp import user_has_device
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.models import Device
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm

from example_project.campaign.staff.devices import device_for_code, normalize_code, verify

WRONG_CODE = _("That code is not right, or was used before. Wait for the next one.")


def _code_widget() -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"})


class LoginForm(OTPAuthenticationFormMixin, WagtailLoginForm):
    """Login with name and password, and with a code for users who have set up a second factor."""

    otp_token = forms.CharField(
        required=False,
        max_length=30,
        label=_("Code from your app, or a recovery code"),
        help_text=_("Leave it empty until you have set up a second factor."),
        widget=_code_widget(),
    )
    otp_error_messages = {
        **OTPAuthenticationFormMixin.otp_error_messages,
        "token_required": _("Enter the code from your app, or a recovery code."),
        "invalid_token": WRONG_CODE,
        # No device of the kind that makes such codes
        "device_required": WRONG_CODE,
        "n_failed_attempts": _("Too many wrong codes. Wait a moment before the next one."),
    }

    def clean(self) -> dict[str, Any]:
        """Check the password, then the code."""
        self.cleaned_data = super().clean()
        user = self.get_user()
        if user is not None and user_has_device(user):
            self._clean_code(user)
        return self.cleaned_data

    def _clean_code(self, user: Any) -> None:
        code = self.cleaned_data["otp_token"] = normalize_code(self.cleaned_data.get("otp_token") or "")
        device = device_for_code(user, code)
        self.cleaned_data["otp_device"] = device.persistent_id if device else None
        try:
            self.clean_otp(user)
        except ValidationError:
            if code:
                # A wrong code is a failed login, and counts against the limit of them
                credentials = {"username": user.get_username()}
                user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)
            raise


class SecondFactorForm(forms.Form):
    """Confirms a change of the second factor: the user's password, and a code of ``device``."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    code = forms.CharField(label=_("Code"), max_length=30, widget=_code_widget())

    def __init__(self, *args: Any, request: HttpRequest, device: Device | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        self.device = device
        if device is None:
            self.fields["code"].label = _("Code from your app, or a recovery code")

    def clean_password(self) -> str:
        """Check the password as a login does, so that wrong ones count against the limit of failed logins."""
        password = str(self.cleaned_data["password"])
        name = self.request.user.get_username()
        if authenticate(self.request, username=name, password=password) is None:
            raise ValidationError(_("That is not your password."))
        return password

    def clean(self) -> dict[str, Any]:
        """Check the code if the password is right."""
        cleaned: dict[str, Any] = super().clean() or {}
        if {"password", "code"} <= set(cleaned):
            code = normalize_code(cleaned["code"])
            user = self.request.user
            if not verify(user, self.device or device_for_code(user, code), code):
                self.add_error("code", WRONG_CODE)
        return cleaned
