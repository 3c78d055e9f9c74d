"""A site without ``LocaleMiddleware`` and without a language prefix, as ``wagtail start`` makes one."""

from tests.projects.base_settings import *

MIDDLEWARE = [name for name in MIDDLEWARE if name != "django.middleware.locale.LocaleMiddleware"]
ROOT_URLCONF = "tests.projects.no_locale_middleware.urls"
