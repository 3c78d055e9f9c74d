"""Public API: middleware. Importable before Django is set up, for a site's ``wsgi.py``.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.caching.middleware import PageCacheMiddleware
from wagtail_pledge.core.database_errors import DatabaseErrorMiddleware
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.core.request_guard import refuse_bad_charsets
from wagtail_pledge.core.startup import StoredKeysMiddleware

__all__ = [
    "DatabaseErrorMiddleware",
    "PageCacheMiddleware",
    "StoredKeysMiddleware",
    "private_view",
    "refuse_bad_charsets",
]
