"""Production settings, for PostgreSQL and a TLS proxy. These environment variables are required:

``SECRET_KEY``, ``ALLOWED_HOSTS``, ``BASE_URL``, ``DATABASE_URL``, ``SMTP_URL`` and ``WAGTAIL_PLEDGE_KEYS`` (JSON,
32 random bytes in base64 for each purpose and version: ``{"dedup": {"1": "…"}, "encryption": …, "token": …}``).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from example_project.settings.base import *
from example_project.settings.mail import mail_settings

DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
BASE_URL = env("BASE_URL")
DATABASES["default"]["NAME"] = env.db("DATABASE_URL")["NAME"]
vars().update(mail_settings(env.email("SMTP_URL")))

WAGTAILADMIN_BASE_URL = WAGTAIL_PLEDGE_BASE_URL = BASE_URL
PRINTED_BASE_URL = env("PRINTED_BASE_URL", default=BASE_URL)
WAGTAIL_PLEDGE_KEYS = env.json("WAGTAIL_PLEDGE_KEYS")
# The monitoring sends it: Authorization: Bearer …
WAGTAIL_PLEDGE_HEALTH_TOKEN = env("HEALTH_TOKEN", default=None)
WAGTAIL_PLEDGE_TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)

STATIC_ROOT = env("STATIC_ROOT", default=str(VAR_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# A web process does not start without a key that stored signatures need
MIDDLEWARE.insert(0, "wagtail_pledge.middleware.StoredKeysMiddleware")

# With a cache shared by all processes (CACHE_URL), published changes are visible immediately
MIDDLEWARE.insert(2, "wagtail_pledge.caching.middleware.PageCacheMiddleware")

# The proxy must set this header and remove the one that a client sends
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(BASE_URL).scheme}://{urlsplit(BASE_URL).netloc}"]
