"""A site with its own base page model; ``wagtail_pledge.pages`` is left out. Needs Wagtail 8."""

from tests.projects.base_settings import *

INSTALLED_APPS = [
    "tests.projects.custom_page",
    *(app for app in INSTALLED_APPS if app != "wagtail_pledge.pages"),
]
WAGTAIL_PAGE_MODEL = "custom_page.BasePage"
