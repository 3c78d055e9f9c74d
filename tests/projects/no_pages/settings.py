"""A site with its own pages made from the mixins; ``wagtail_pledge.pages`` and Wagtail's settings are left out."""

from tests.projects.base_settings import *

INSTALLED_APPS = [
    "tests.projects.no_pages",
    *(app for app in INSTALLED_APPS if app not in {"wagtail_pledge.pages", "wagtail.contrib.settings"}),
]
