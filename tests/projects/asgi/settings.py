"""The usual site, served by ASGI."""

from tests.projects.base_settings import *

ASGI_APPLICATION = "tests.projects.asgi.asgi.application"
