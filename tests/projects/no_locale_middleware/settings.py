"""A site as ``wagtail start`` makes one: without ``LocaleMiddleware`` and language prefix, and in ``en-us``."""

from tests.projects.base_settings import *

MIDDLEWARE = [name for name in MIDDLEWARE if name != "django.middleware.locale.LocaleMiddleware"]
ROOT_URLCONF = "tests.projects.no_locale_middleware.urls"
LANGUAGE_CODE = "en-us"
