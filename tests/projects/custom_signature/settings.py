"""A site with its own signature model, otherwise like the default site."""

from tests.projects.base_settings import *

INSTALLED_APPS = ["tests.projects.custom_signature", *INSTALLED_APPS]
WAGTAIL_PLEDGE_SIGNATURE_MODEL = "custom_signature.MemberSignature"
