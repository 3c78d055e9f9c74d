"""The demo settings with the databases of the test suite. Mail and uploads go to the suite's temporary directory."""

from example_project.settings.demo import *
from tests.projects import base_settings

DATABASES = base_settings.DATABASES
MEDIA_ROOT = base_settings.MEDIA_ROOT
PASSWORD_HASHERS = base_settings.PASSWORD_HASHERS
WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 0
DEMO_MAIL_DIR = Path(MEDIA_ROOT) / "mail"
# Otherwise each test client would read all static files
WHITENOISE_USE_FINDERS = False
