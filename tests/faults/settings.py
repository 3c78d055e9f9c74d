"""Settings of the site under fault tests: the timeouts of docs/howto/production.md, SMTP to a local port."""
# ruff: noqa: F403, F405 - settings are made that way

import json
import os

import django

from tests.projects.default.settings import *
from wagtail_pledge.database import with_timeouts

ALLOWED_HOSTS = ["127.0.0.1"]
MIDDLEWARE = ["wagtail_pledge.middleware.DatabaseErrorMiddleware", *MIDDLEWARE]
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Milliseconds that a statement may wait for a lock
_LOCK = int(os.environ.get("PLEDGE_FAULTS_LOCK_TIMEOUT", "2000"))
DATABASES["default"] = with_timeouts(
    DATABASES["default"], lock_seconds=_LOCK / 1000, statement_seconds=max(2, _LOCK / 1000)
)
# Hosts of a pair of servers, and the like
DATABASES["default"].update(json.loads(os.environ.get("PLEDGE_FAULTS_DATABASE", "{}")))
DATABASES["default"]["OPTIONS"].update(json.loads(os.environ.get("PLEDGE_FAULTS_OPTIONS", "{}")))
# As in docs/howto/production.md. By default nothing listens there: the site works without a cache
CACHES = {
    "default": {
        "BACKEND": "wagtail_pledge.caching.redis.RedisCache",
        "LOCATION": os.environ.get("PLEDGE_FAULTS_CACHE", "redis://127.0.0.1:1/0"),
    }
}
_MAIL = {"host": "127.0.0.1", "port": int(os.environ.get("PLEDGE_FAULTS_SMTP", "1"))}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _SMTP, "OPTIONS": _MAIL}}
else:
    EMAIL_BACKEND = _SMTP
    EMAIL_HOST, EMAIL_PORT = _MAIL["host"], _MAIL["port"]
WAGTAIL_PLEDGE_MAIL_TIMEOUT_SECONDS = 2
# All signers have the loopback address
WAGTAIL_PLEDGE_POSTS_PER_MINUTE = None
WAGTAIL_PLEDGE_NETWORK_MAILS_PER_10_MINUTES = 1_000_000
WAGTAIL_PLEDGE_NETWORK_MAILS_PER_HOUR = 1_000_000
WAGTAIL_PLEDGE_NETWORK_MAILS_PER_DAY = 1_000_000
WAGTAIL_PLEDGE_HEALTH_TOKEN = "let-me-see"
# Set by the tests
vars().update(json.loads(os.environ.get("PLEDGE_FAULTS_SETTINGS", "{}")))
