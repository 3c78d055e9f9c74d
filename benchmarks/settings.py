"""The project under load: the tests' project without their policy, kept connections, the yardsticks beside it."""

from __future__ import annotations

from tests.projects.base_settings import *

DEBUG = False
ROOT_URLCONF = "benchmarks.urls"
WSGI_APPLICATION = "benchmarks.wsgi.application"
INSTALLED_APPS = ["benchmarks.yardsticks", "wagtail.contrib.forms", *INSTALLED_APPS]
MIDDLEWARE = [path for path in MIDDLEWARE if not path.startswith("tests.")]
DATABASES["default"]["CONN_MAX_AGE"] = None
WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3
