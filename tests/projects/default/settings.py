"""The usual site: both apps, two languages, SQLite unless ``DATABASE_URL`` says otherwise."""

from tests.projects.base_settings import *
