"""The default site: both apps, three languages, Wagtail's page API; SQLite unless ``DATABASE_URL`` is set."""

from tests.projects.base_settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "wagtail.api.v2", "rest_framework"]
