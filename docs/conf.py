"""Sphinx: Markdown through MyST, API pages from the docstrings, a warning is an error (``make docs``)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.projects.default.settings"
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
# Names of other projects: they have no inventory here, since the docs build without a network
nitpick_ignore_regex = [
    ("py:.*", r"(django|wagtail|modelcluster|swapper|datetime|uuid|collections|typing|enum)\..*"),
    ("py:(class|obj|func|exc|attr|meth|mod)", r".*"),
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
    "github_url": "",
    "footer_links": "",
}
html_show_sphinx = False
html_last_updated_fmt = None
