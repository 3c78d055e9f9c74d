"""The usual site: both apps, two languages, Wagtail's page API, SQLite unless ``DATABASE_URL`` says otherwise."""

from tests.projects.base_settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "wagtail.api.v2", "rest_framework"]
