"""System checks of the settings and of the deployment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from wagtail_pledge.caching.middleware import PageCacheMiddleware
from wagtail_pledge.conf import DEFAULTS, PREFIX, get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.database_errors import DatabaseErrorMiddleware
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.postgresql import STATEMENT_SECONDS, missing_timeouts
from wagtail_pledge.core.startup import STORED_KEYS, StoredKeysMiddleware
from wagtail_pledge.signing.abuse import proof_of_work
from wagtail_pledge.signing.services import stored_keys


@register()
def check_body_blocks(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E001``: the block class of page bodies or of questions can't be imported."""
    found: list[CheckMessage] = []
    for name in ("BODY_BLOCKS", "QUESTION_BLOCKS"):
        try:
            import_string(get_setting(name))
        except ImportError as error:
            hint = f"Set it to the dotted path of a subclass of {DEFAULTS[name]}."
            found.append(Error(f"{PREFIX}{name}: {error}", hint=hint, id="wagtail_pledge.E001"))
    return found


@register()
def check_keys(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E002``: a configured key is not 32 bytes in base64."""
    try:
        for purpose in (*crypto.PURPOSES, crypto.SEAT):
            crypto.keyring(purpose)
    except ImproperlyConfigured as error:
        return [Error(str(error), id="wagtail_pledge.E002")]
    return []


@register()
def check_setting_names(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W003``: an unknown setting with the package's prefix, probably a misspelt name."""
    known = {PREFIX + name for name in DEFAULTS} | {"WAGTAIL_PLEDGE_SIGNATURE_MODEL"}
    unknown = sorted(name for name in dir(settings) if name.startswith(PREFIX) and name not in known)
    return [checks.Warning(f"{name} is not a setting of wagtail_pledge", id="wagtail_pledge.W003") for name in unknown]


@register()
def check_time_zones(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E018``: without time zone support the package's aware datetimes can't be compared or stored."""
    if settings.USE_TZ:
        return []
    hint = "Set USE_TZ = True; signing raises an error without it."
    return [Error("USE_TZ is False", hint=hint, id="wagtail_pledge.E018")]


@register()
def check_country_names(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W006``: a multilingual site without ``django_countries`` shows country names in English."""
    if len(settings.LANGUAGES) < 2 or not settings.USE_I18N or apps.is_installed("django_countries"):
        return []
    hint = 'Add "django_countries" to INSTALLED_APPS, or list only one language in LANGUAGES.'
    return [checks.Warning("Country names are not translated", hint=hint, id="wagtail_pledge.W006")]


@register(Tags.security, deploy=True)
def check_own_keys(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W004``: a key derived from SECRET_KEY is used for new data; both leak together."""
    missing = [purpose for purpose in crypto.PURPOSES if _writes_with_derived_key(purpose)]
    if not missing:
        return []
    hint = (
        "Set WAGTAIL_PLEDGE_KEYS to 32 random bytes in base64 for each purpose. If people have already signed, also"
        ' list version 0 as "derived"; see “Production” in the documentation.'
    )
    message = f"WAGTAIL_PLEDGE_KEYS has no key for: {', '.join(missing)}"
    return [checks.Warning(message, hint=hint, id="wagtail_pledge.W004")]


def _writes_with_derived_key(purpose: str) -> bool:
    listed = (get_setting("KEYS") or {}).get(purpose)
    return not listed or max(listed.items(), key=lambda item: int(item[0]))[1] == crypto.DERIVED


@register(deploy=True)
def check_base_url(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W005``: links in mail have no host if the pledge has no page."""
    if get_setting("BASE_URL"):
        return []
    hint = "Set WAGTAIL_PLEDGE_BASE_URL, for example to https://campaign.example.org."
    return [checks.Warning("WAGTAIL_PLEDGE_BASE_URL is not set", hint=hint, id="wagtail_pledge.W005")]


@register(deploy=True)
def check_proxies(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W012``: the number of proxies in front of the site is not configured."""
    if hasattr(settings, "WAGTAIL_PLEDGE_TRUSTED_PROXIES"):
        return []
    hint = (
        "Set WAGTAIL_PLEDGE_TRUSTED_PROXIES to the number of your reverse proxies, or to 0. With 0 behind a proxy, all"
        " visitors share the proxy's address and its rate limit."
    )
    return [checks.Warning("WAGTAIL_PLEDGE_TRUSTED_PROXIES is not set", hint=hint, id="wagtail_pledge.W012")]


@register(Tags.database, STORED_KEYS)
def check_keys_of_stored_data(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E007``: a key that stored data needs is missing or wrong: it was removed before the rotation
    finished, or new keys were set without listing the old ones.
    """
    if "default" not in (databases or ()):
        return []
    try:
        problems = [str(missing) for missing in stored_keys.missing_keys()]
        problems += filter(None, [] if problems else [stored_keys.wrong_key_error()])
    except (DatabaseError, ImproperlyConfigured):
        return []  # not migrated yet, or reported by E002
    except PledgeError as error:
        problems = [str(error)]
    hint = "List the old key again, then run pledge_rekey until it changes nothing; only then remove the key."
    return [Error(f"WAGTAIL_PLEDGE_KEYS: {problem}", hint=hint, id="wagtail_pledge.E007") for problem in problems]


@register(Tags.database)
def check_token_keys(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W031``: links in mails no longer work, because their token key is not listed."""
    if "default" not in (databases or ()):
        return []
    try:
        links, listed = stored_keys.links_by_token_key(), crypto.keyring("token")
    except (DatabaseError, ImproperlyConfigured):
        return []
    hint = "List the key again for as long as the links should work, or tell the signers how to get a new link."
    return [
        checks.Warning(
            f"The links mailed to {count} signers no longer work: the token key of version {version} is not listed",
            hint=hint,
            id="wagtail_pledge.W031",
        )
        for version, count in links.items()
        if count and version not in listed
    ]


@register(Tags.security, deploy=True)
def check_startup_middleware(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W032``: web processes start although a key is missing that stored rows need."""
    paths = {
        f"{module}.StoredKeysMiddleware" for module in (StoredKeysMiddleware.__module__, "wagtail_pledge.middleware")
    }
    if paths & set(settings.MIDDLEWARE):
        return []
    hint = 'Add "wagtail_pledge.middleware.StoredKeysMiddleware" to MIDDLEWARE; it costs nothing per request.'
    message = "Web processes would start without a key that stored signatures need"
    return [checks.Warning(message, hint=hint, id="wagtail_pledge.W032")]


@register(deploy=True)
def check_broken_link_mails(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W013``: mails about broken links would contain the tokens of truncated links."""
    name = "django.middleware.common.BrokenLinkEmailsMiddleware"
    if name not in settings.MIDDLEWARE:
        return []
    hint = "Remove it from MIDDLEWARE."
    return [checks.Warning(f"{name} mails tokens and visitors' addresses", hint=hint, id="wagtail_pledge.W013")]


@register(deploy=True)
def check_connections(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W008``: every request opens its own PostgreSQL connection."""
    database = connections["default"].settings_dict
    is_persistent = database.get("CONN_MAX_AGE") != 0 or (database.get("OPTIONS") or {}).get("pool")
    if connections["default"].vendor != "postgresql" or is_persistent:
        return []
    hint = "Set CONN_MAX_AGE in DATABASES, or a pool in its OPTIONS."
    return [checks.Warning("Database connections are not persistent", hint=hint, id="wagtail_pledge.W008")]


@register(deploy=True)
def check_timeouts(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W021``: requests wait without end for a PostgreSQL that hangs."""
    database = connections["default"]
    if database.vendor != "postgresql":
        return []
    missing = missing_timeouts(database.settings_dict)
    # Set by the engine's mixin; psycopg 2 and an engine without it do not give up
    if not getattr(database, "limits_waiting", False) or not database.settings_dict.get(STATEMENT_SECONDS):
        missing.append("a limit for a server that never answers")
    if not missing:
        return []
    hint = "Use wagtail_pledge.database.with_timeouts() in DATABASES; see the deployment guide."
    message = f"The database has no {', no '.join(missing)}"
    return [checks.Warning(message, hint=hint, id="wagtail_pledge.W021")]


@register(deploy=True)
def check_database_errors(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W022``: while the database is unavailable, pages answer 500 without ``Retry-After``."""
    names = {f"{DatabaseErrorMiddleware.__module__}.DatabaseErrorMiddleware"}
    names.add("wagtail_pledge.middleware.DatabaseErrorMiddleware")
    if names & set(settings.MIDDLEWARE):
        return []
    hint = 'Add "wagtail_pledge.middleware.DatabaseErrorMiddleware" to MIDDLEWARE, before the session middleware.'
    return [checks.Warning("Pages answer 500 if the database is away", hint=hint, id="wagtail_pledge.W022")]


@register(Tags.database, deploy=True)
def check_synchronous_commit(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W009``: the database confirms a commit before it is on disk, so a crash can lose signatures."""
    if "default" not in (databases or ()) or connections["default"].vendor != "postgresql":
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] != "off":
            return []
    hint = "Turn on synchronous_commit for this database and its role."
    return [checks.Warning("synchronous_commit is off", hint=hint, id="wagtail_pledge.W009")]


@register()
def check_page_cache(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.E017``: the page cache is on, but its alias is not in ``CACHES``."""
    alias = get_setting("PAGE_CACHE")
    if alias in settings.CACHES or f"{PageCacheMiddleware.__module__}.PageCacheMiddleware" not in settings.MIDDLEWARE:
        return []
    hint = f"Set it to one of CACHES: {', '.join(sorted(settings.CACHES))}."
    return [Error(f"WAGTAIL_PLEDGE_PAGE_CACHE: there is no cache {alias!r}", hint=hint, id="wagtail_pledge.E017")]


@register()
def check_altcha(**_kwargs: Any) -> list[CheckMessage]:
    """``wagtail_pledge.W010``: proof of work is on, but the package ``altcha`` is not installed.

    ``E011``: its cost would overload the server, or its time limit is too short for people (WCAG 2.2.1).
    """
    found: list[CheckMessage] = []
    if get_setting("ALTCHA") and not proof_of_work.IS_INSTALLED:
        hint = "Run pip install wagtail-pledge[altcha]; until then a surge holds every signature."
        found.append(
            checks.Warning("WAGTAIL_PLEDGE_ALTCHA needs the package altcha", hint=hint, id="wagtail_pledge.W010")
        )
    if not 1 <= get_setting("ALTCHA_COST") <= proof_of_work.MAX_COST:
        message = f"WAGTAIL_PLEDGE_ALTCHA_COST is not between 1 and {proof_of_work.MAX_COST}"
        found.append(Error(message, id="wagtail_pledge.E011"))
    if get_setting("ALTCHA_MINUTES") < proof_of_work.MIN_MINUTES:
        message = f"WAGTAIL_PLEDGE_ALTCHA_MINUTES is less than {proof_of_work.MIN_MINUTES}"
        found.append(Error(message, id="wagtail_pledge.E011"))
    return found
