"""Sphinx configuration: Markdown with MyST, autodoc for the Python reference. ``make docs`` treats warnings as errors.

Building needs the ``docs`` extra only, so Django gets settings of its own here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
settings.configure(
    SECRET_KEY="only-for-the-docs",  # noqa: S106 - nothing is signed with it
    INSTALLED_APPS=[
        "wagtail_pledge",
        "wagtail_pledge.pages",
        "wagtail.contrib.settings",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.sites",
        "wagtail.search",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
        "django_countries",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    STATIC_URL="/static/",
    USE_TZ=True,
)
django.setup()

from wagtail_pledge import __version__  # noqa: E402

project = "wagtail-pledge"
author = "wagtail-pledge contributors"
project_copyright = author
release = __version__
version = ".".join(__version__.split(".")[:2])

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_wagtail_theme",
]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
# References to names of other projects are not resolved: the docs build without network access
nitpick_ignore_regex = [
    ("py:.*", r"(django|wagtail|modelcluster|swapper|datetime|uuid|collections|typing|enum)\..*"),
]

html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_theme = "sphinx_wagtail_theme"
html_title = f"wagtail-pledge {version}"
html_theme_options = {
    "project_name": "wagtail-pledge",
    "logo": "logo.svg",
    "logo_alt": "",
    "logo_width": 30,
    "logo_height": 40,
    "github_url": "https://github.com/wagtail-pledge/wagtail-pledge/blob/main/docs/",
    "footer_links": "",
}
html_show_sphinx = False
html_last_updated_fmt = None
