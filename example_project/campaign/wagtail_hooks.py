"""Wagtail hooks of this site."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks

from example_project.campaign.kinds import ElectedOfficial
from example_project.campaign.staff.views import SecondFactorView
from wagtail_pledge.signing.kinds import SignerKind


@hooks.register("register_pledge_signer_kinds")
def signer_kinds() -> list[SignerKind]:
    """Register the signer kind for elected officials."""
    return [ElectedOfficial()]


@hooks.register("register_admin_urls")
def second_factor_url() -> list[URLPattern]:
    """Add the page on which users set up their second factor."""
    return [path("account/second-factor/", SecondFactorView.as_view(), name="second_factor")]


@hooks.register("register_account_menu_item")
def second_factor_menu_item(_request: HttpRequest) -> dict[str, str]:
    """Link it on the account page."""
    return {
        "url": reverse("second_factor"),
        "label": _("Second factor"),
        "help_text": _("A code from your phone, asked for when you sign in."),
    }
