"""System checks for deployment: accounts of users who may see contact data, and uploaded documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import DatabaseError
from django.utils.module_loading import import_string

from wagtail_pledge.admin.permissions import PLEDGE_POLICY, PledgePermission
from wagtail_pledge.conf import get_setting

MAX_SESSION_SECONDS: Final = 12 * 3600
#: Apps that limit failed logins.
LOGIN_THROTTLES: Final = ("axes", "allauth.account", "defender")
#: File types in which a browser can run scripts.
_SCRIPTABLE: Final = re.compile(r"hta|htc|html?|[ps]html|xht(ml)?|mht(ml)?|m?js|svgz?|swf|xml|xslt?|asp|php")
_MAX_NAMES: Final = 5


def find_second_factor_test() -> Callable[[Any], bool] | None:
    """Return the function that tells whether a user has a second factor; ``None`` if the site has none.

    It is ``WAGTAIL_PLEDGE_SECOND_FACTOR``, otherwise that of django-otp or of allauth's MFA app, if installed.
    """
    name = get_setting("SECOND_FACTOR")
    if not name and apps.is_installed("django_otp"):
        name = "django_otp.user_has_device"
    if not name and apps.is_installed("allauth.mfa"):
        name = "allauth.mfa.utils.is_mfa_enabled"
    function: Callable[[Any], bool] | None = import_string(name) if name else None
    return function


@register(Tags.database, deploy=True)
def check_second_factors(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W014``: a user who may see names and addresses logs in with only a password."""
    if "default" not in (databases or ()):
        return []
    has_second_factor = find_second_factor_test()
    try:
        users = PLEDGE_POLICY.users_with_permission(PledgePermission.CONTACT).filter(is_active=True)
        names = [user.get_username() for user in users if has_second_factor is None or not has_second_factor(user)]
    except DatabaseError:
        return []  # not migrated yet
    if not names:
        return []
    shown = ", ".join(sorted(names)[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")
    message = f"{len(names)} user(s) who may see contact data have no second factor: {shown}"
    hint = "Let them set one up; see Staff accounts in the deployment guide. Or take the permission away."
    return [Warning(message, hint=hint, id="wagtail_pledge.W014")]


@register(Tags.security, deploy=True)
def check_staff_settings(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W015``: weak settings of the accounts that can see names and addresses."""
    return [
        Warning(message, hint=hint, id="wagtail_pledge.W015")
        for is_weak, message, hint in (
            (
                not settings.AUTH_PASSWORD_VALIDATORS,
                "AUTH_PASSWORD_VALIDATORS is empty, so staff can choose any password",
                "List Django's four validators, with a minimum length of 12.",
            ),
            (
                settings.SESSION_COOKIE_AGE > MAX_SESSION_SECONDS,
                "SESSION_COOKIE_AGE is more than 12 hours",
                f"Set it to {MAX_SESSION_SECONDS} or less.",
            ),
            (
                not any(apps.is_installed(name) for name in LOGIN_THROTTLES),
                "Failed logins are not limited",
                "Install django-axes, or silence this check if something else limits them.",
            ),
        )
        if is_weak
    ]


@register(Tags.security, deploy=True)
def check_documents(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W016``: an uploaded document could run as a script on the site's own origin."""
    if not apps.is_installed("wagtail.documents"):
        return []
    return [Warning(message, hint=hint, id="wagtail_pledge.W016") for message, hint in _document_problems()]


def _document_problems() -> Iterator[tuple[str, str]]:
    allowed = getattr(settings, "WAGTAILDOCS_EXTENSIONS", None)
    if allowed is None:
        yield "WAGTAILDOCS_EXTENSIONS is not set", "List the types that editors upload, such as pdf; never html or svg."
    found = [str(extension) for extension in allowed or () if _SCRIPTABLE.fullmatch(str(extension).lower().lstrip("."))]
    if found:
        yield (
            f"WAGTAILDOCS_EXTENSIONS allows {', '.join(found)}",
            "Remove them: a browser can run scripts in such files.",
        )
    inline = getattr(settings, "WAGTAILDOCS_INLINE_CONTENT_TYPES", ["application/pdf"])
    shown = sorted(set(inline) - {"application/pdf"})
    if shown:
        yield (
            f"WAGTAILDOCS_INLINE_CONTENT_TYPES shows {', '.join(shown)}",
            "Let browsers download documents: set it to [].",
        )
    if not getattr(settings, "WAGTAILDOCS_BLOCK_EMBEDDED_CONTENT", True):
        yield (
            "WAGTAILDOCS_BLOCK_EMBEDDED_CONTENT is False",
            "Remove it, so that documents get a content security policy.",
        )
