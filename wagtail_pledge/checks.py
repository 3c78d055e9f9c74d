"""System checks: a wrong setting is found before a signer finds it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from wagtail_pledge.core import keys
from wagtail_pledge.core.settings import DEFAULTS, PREFIX, get_setting


@register()
def check_body_blocks(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E001``: the blocks of page bodies can't be loaded."""
    try:
        import_string(get_setting("BODY_BLOCKS"))
    except ImportError as error:
        hint = "Name a subclass of wagtail_pledge.blocks.body.PledgeBodyBlock by its dotted path."
        return [Error(f"WAGTAIL_PLEDGE_BODY_BLOCKS: {error}", hint=hint, id="wagtail_pledge.E001")]
    return []


@register()
def check_keys(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E002``: a configured key is not 32 bytes in base64."""
    try:
        for purpose in keys.PURPOSES:
            keys.keyring(purpose)
    except ImproperlyConfigured as error:
        return [Error(str(error), id="wagtail_pledge.E002")]
    return []


@register()
def check_setting_names(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W003``: a setting with our prefix that we don't know, probably a slip of the pen."""
    known = {PREFIX + name for name in DEFAULTS} | {"WAGTAIL_PLEDGE_SIGNATURE_MODEL"}
    unknown = sorted(name for name in dir(settings) if name.startswith(PREFIX) and name not in known)
    return [checks.Warning(f"{name} is not a setting of wagtail_pledge", id="wagtail_pledge.W003") for name in unknown]


@register()
def check_country_names(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W006``: a site in several languages would show its countries in English."""
    if len(settings.LANGUAGES) < 2 or not settings.USE_I18N or apps.is_installed("django_countries"):
        return []
    hint = 'Add "django_countries" to INSTALLED_APPS, or name one language in LANGUAGES.'
    return [checks.Warning("Country names are not translated", hint=hint, id="wagtail_pledge.W006")]


@register(Tags.security, deploy=True)
def check_own_keys(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W004``: keys derive from SECRET_KEY, so they cannot rotate and a leak of one leaks all."""
    missing = [purpose for purpose in keys.PURPOSES if not (get_setting("KEYS") or {}).get(purpose)]
    if not missing:
        return []
    hint = "Set WAGTAIL_PLEDGE_KEYS with 32 random bytes in base64 for each purpose; see the deployment guide."
    return [checks.Warning(f"No own key for: {', '.join(missing)}", hint=hint, id="wagtail_pledge.W004")]


@register(deploy=True)
def check_base_url(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W005``: links in mail have no address to fall back on."""
    if get_setting("BASE_URL"):
        return []
    hint = "Set WAGTAIL_PLEDGE_BASE_URL, like https://campaign.example.org."
    return [checks.Warning("WAGTAIL_PLEDGE_BASE_URL is not set", hint=hint, id="wagtail_pledge.W005")]
