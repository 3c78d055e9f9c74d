"""A site with its own pages made from the mixins; ``wagtail_pledge.pages`` is left out."""

from tests.projects.base_settings import *

INSTALLED_APPS = [
    "tests.projects.no_pages",
    *(app for app in INSTALLED_APPS if app != "wagtail_pledge.pages"),
]
