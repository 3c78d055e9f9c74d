"""Settings of the benchmarked site: the test project, the baselines, and what ``docs/howto/production.md`` recommends.

What the test settings switch off for speed is as on a site again, above all the limit of POSTs from one network.
"""

from __future__ import annotations

import base64
import hashlib
import os

import django

from tests.projects.base_settings import *
from wagtail_pledge.conf import DEFAULTS
from wagtail_pledge.database import with_timeouts

DEBUG = False
ROOT_URLCONF = "benchmarks.urls"
WSGI_APPLICATION = "benchmarks.wsgi.application"
INSTALLED_APPS = ["benchmarks.baselines", "wagtail.contrib.forms", *INSTALLED_APPS]
MIDDLEWARE = [path for path in MIDDLEWARE if not path.startswith("tests.")]
MIDDLEWARE.insert(1, "wagtail_pledge.middleware.DatabaseErrorMiddleware")
if os.environ.get("BENCHMARKS_PAGE_CACHE"):
    MIDDLEWARE.insert(2, "wagtail_pledge.caching.middleware.PageCacheMiddleware")
DATABASES = {"default": with_timeouts({**DATABASES["default"], "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True})}
#: Not secret: the database is deleted after the run.
WAGTAIL_PLEDGE_KEYS = {
    purpose: {1: base64.b64encode(hashlib.sha256(purpose.encode()).digest()).decode()}
    for purpose in ("dedup", "encryption", "token")
}
# Each request comes from a network of its own, which the load generator names as a proxy would
WAGTAIL_PLEDGE_TRUSTED_PROXIES = 1
WAGTAIL_PLEDGE_POSTS_PER_MINUTE = DEFAULTS["POSTS_PER_MINUTE"]
WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = DEFAULTS["STAMP_MIN_SECONDS"]
WAGTAIL_PLEDGE_REMINDER_HOURS = DEFAULTS["REMINDER_HOURS"]
_MAIL = {"host": "127.0.0.1", "port": int(os.environ.get("BENCHMARKS_SMTP", "1"))}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _SMTP, "OPTIONS": _MAIL}}
else:
    EMAIL_BACKEND = _SMTP
    EMAIL_HOST, EMAIL_PORT = _MAIL["host"], _MAIL["port"]
