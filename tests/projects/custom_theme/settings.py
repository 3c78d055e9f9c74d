"""The default site with its own theme: blocks, an include, the base template and colours."""

from tests.projects.base_settings import *

# Before the package, so that Django finds the site's templates first
INSTALLED_APPS = ["tests.projects.custom_theme", *INSTALLED_APPS]
WAGTAIL_PLEDGE_BODY_BLOCKS = "tests.projects.custom_theme.blocks.Body"
