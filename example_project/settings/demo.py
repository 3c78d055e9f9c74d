"""Demo settings: SQLite, mail written to files, all data in ``example_project/var/``. Not for production."""

from __future__ import annotations

from example_project.settings.base import *
from example_project.settings.mail import mail_settings

VAR_DIR.mkdir(exist_ok=True)

SECRET_KEY = env("SECRET_KEY", default="the-demo-keeps-no-secrets-and-everybody-may-know-this-key")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
ROOT_URLCONF = "example_project.demo_urls"
# With the banner that says so
TEMPLATES[0]["DIRS"] = [Path(__file__).resolve().parent.parent / "demo_templates"]

# Serve static files from the apps' directories, so that collectstatic is not needed
WHITENOISE_USE_FINDERS = True

DEMO_MAIL_DIR = Path(env("DEMO_MAIL_DIR", default=str(VAR_DIR / "mail")))
if "SMTP_URL" in env:
    vars().update(mail_settings(env.email("SMTP_URL")))
else:
    vars().update(mail_settings({"EMAIL_BACKEND": "example_project.campaign.mail.DemoMailBackend"}))

# The printed login works at once. Account → Second factor sets one up, and SECOND_FACTOR_REQUIRED=1 asks for it, as in
# production
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)

# All requests to the demo come from one machine, so the rate limits are raised
WAGTAIL_PLEDGE_NETWORK_PER_HOUR = WAGTAIL_PLEDGE_NETWORK_PER_DAY = WAGTAIL_PLEDGE_WIDE_NETWORK_PER_HOUR = 100_000
WAGTAIL_PLEDGE_DOMAIN_PER_HOUR = WAGTAIL_PLEDGE_NAME_PER_HOUR = WAGTAIL_PLEDGE_NUMBERED_PER_HOUR = 100_000

BASE_URL = env("BASE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000') or '8000'}")
WAGTAILADMIN_BASE_URL = WAGTAIL_PLEDGE_BASE_URL = BASE_URL
