"""Settings of the demo site for the screenshots: adds Arabic, and a URL that shows the server error page."""

from __future__ import annotations

from example_project.settings.demo import *

LANGUAGES = [*LANGUAGES, ("ar", "العربية")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
ROOT_URLCONF = "screenshot_urls"
