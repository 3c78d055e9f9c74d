"""Middleware that lets users into the admin only with the second factor that they have or need, for twelve hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django_otp import user_has_device

#: URL names in the admin that work without a second factor.
_OPEN: Final = {
    "second_factor",
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_sprite",
}
#: Session key of the time of the first request to the admin after a login.
_SINCE: Final = "staff_since"


class SecondFactorMiddleware:
    """Protects the admin. Place it after django-otp's ``OTPMiddleware``.

    A session without the second factor of a user who has one (it was opened by another login view, or before the second
    factor was set up) is ended. With ``SECOND_FACTOR_REQUIRED``, users without one can only set it up. A session also
    ends ``SESSION_COOKIE_AGE`` after the login; Django alone prolongs it with every change of the session's data.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect, or call the view."""
        return self._redirect(request) or self.get_response(request)

    def _redirect(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        user = request.user
        if not user.is_authenticated:
            return None
        if _is_too_old(request) or (not user.is_verified() and user_has_device(user)):
            logout(request)
            return redirect_to_login(request.get_full_path(), reverse("wagtailadmin_login"))
        is_missing = settings.SECOND_FACTOR_REQUIRED and not user.is_verified()
        if is_missing and resolve(request.path_info).url_name not in _OPEN:
            return redirect("second_factor")
        return None


def _is_too_old(request: HttpRequest) -> bool:
    now = int(time.time())
    since = request.session.get(_SINCE)
    if since is None:
        request.session[_SINCE] = since = now
    return bool(now - since >= settings.SESSION_COOKIE_AGE)
