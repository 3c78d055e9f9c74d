"""Demo settings with compression, which a reverse proxy would do on a production site."""

from example_project.settings.demo import *

MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *MIDDLEWARE]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
STATIC_ROOT = env("STATIC_ROOT")
