"""The WSGI application that gunicorn serves."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from wagtail_pledge.middleware import refuse_bad_charsets

application = refuse_bad_charsets(get_wsgi_application())
