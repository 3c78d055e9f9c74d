"""Settings of the benchmarked site: those of the test project, with persistent connections and the baseline views."""

from __future__ import annotations

import os

import django

from tests.projects.base_settings import *

DEBUG = False
ROOT_URLCONF = "benchmarks.urls"
WSGI_APPLICATION = "benchmarks.wsgi.application"
INSTALLED_APPS = ["benchmarks.baselines", "wagtail.contrib.forms", *INSTALLED_APPS]
MIDDLEWARE = [path for path in MIDDLEWARE if not path.startswith("tests.")]
if os.environ.get("BENCHMARKS_PAGE_CACHE"):
    MIDDLEWARE.insert(1, "wagtail_pledge.caching.middleware.PageCacheMiddleware")
DATABASES["default"]["CONN_MAX_AGE"] = None
WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3
# The default, which the test settings change
WAGTAIL_PLEDGE_REMINDER_HOURS = 24
_MAIL = {"host": "127.0.0.1", "port": int(os.environ.get("BENCHMARKS_SMTP", "1"))}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _SMTP, "OPTIONS": _MAIL}}
else:
    EMAIL_BACKEND = _SMTP
    EMAIL_HOST, EMAIL_PORT = _MAIL["host"], _MAIL["port"]
