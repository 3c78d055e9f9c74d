"""The demo's settings on the suite's databases, with its mail and uploads in the suite's directory."""

from example_project.settings.demo import *
from tests.projects import base_settings

DATABASES = base_settings.DATABASES
MEDIA_ROOT = base_settings.MEDIA_ROOT
PASSWORD_HASHERS = base_settings.PASSWORD_HASHERS
WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 0
DEMO_MAIL_DIR = Path(MEDIA_ROOT) / "mail"
# Each test client would read the whole directory of static files
WHITENOISE_USE_FINDERS = False
