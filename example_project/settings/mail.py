"""Mail settings for each Django version: a ``MAILERS`` dictionary from 6.1 on, ``EMAIL_*`` before."""

from __future__ import annotations

from typing import Any, Final

import django

#: Without a timeout, an SMTP server that does not answer would block a worker forever.
TIMEOUT_SECONDS: Final = 20

_OPTIONS: Final = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
    "EMAIL_TIMEOUT": "timeout",
}


def mail_settings(config: dict[str, Any]) -> dict[str, Any]:
    """Return Django's mail settings for ``config``: ``EMAIL_BACKEND`` and, for SMTP, the settings in ``_OPTIONS``."""
    known = {name: config[name] for name in _OPTIONS if config.get(name)}
    if known:
        known["EMAIL_TIMEOUT"] = TIMEOUT_SECONDS
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": config["EMAIL_BACKEND"], **known}
    options = {_OPTIONS[name]: value for name, value in known.items()}
    return {"MAILERS": {"default": {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": options}}}
