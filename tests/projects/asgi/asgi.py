"""The site as an ASGI server loads it."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

application = get_asgi_application()
