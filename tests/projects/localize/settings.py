"""A site that translates its pages with wagtail-localize instead of copying them."""

from tests.projects.base_settings import *

INSTALLED_APPS = [
    "wagtail_localize",
    "wagtail_localize.locales",
    *(app for app in INSTALLED_APPS if app != "wagtail.contrib.simple_translation"),
]
