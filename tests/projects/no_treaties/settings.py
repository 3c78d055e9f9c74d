"""A site for campaigns that have nothing to do with treaties."""

from tests.projects.base_settings import *

WAGTAIL_PLEDGE_TREATIES = False
