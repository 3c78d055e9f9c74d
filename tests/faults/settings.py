"""Settings of the site under fault tests: the timeouts of docs/howto/production.md, SMTP to a local port."""
# ruff: noqa: F403, F405 - settings are made that way

import json
import os

import django

from tests.projects.default.settings import *

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 2,
    "options": "-c lock_timeout=2000 -c statement_timeout=5000 -c idle_in_transaction_session_timeout=30000",
}
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
# Set by the tests
vars().update(json.loads(os.environ.get("PLEDGE_FAULTS_SETTINGS", "{}")))
