"""The demo as the pictures show it: with Arabic, and with a door to pages that only a failure shows."""

from __future__ import annotations

from example_project.settings.demo import *

LANGUAGES = [*LANGUAGES, ("ar", "العربية")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
ROOT_URLCONF = "picture_urls"
