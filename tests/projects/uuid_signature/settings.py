"""A site whose signature model has a UUID as its primary key, otherwise the usual one."""

from tests.projects.base_settings import *

INSTALLED_APPS = ["tests.projects.uuid_signature", *INSTALLED_APPS]
WAGTAIL_PLEDGE_SIGNATURE_MODEL = "uuid_signature.KeyedSignature"
