"""The WSGI application, for ``gunicorn example_project.wsgi``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from wagtail_pledge.middleware import refuse_bad_charsets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings.production")
application = refuse_bad_charsets(get_wsgi_application())
