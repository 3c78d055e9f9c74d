"""Management command that makes new keys."""

from __future__ import annotations

import base64
import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from wagtail_pledge.core.crypto import KEY_BYTES, PURPOSES


class Command(BaseCommand):
    """``pledge_keys new [--version 1]``."""

    help = "Prints new keys as JSON, for WAGTAIL_PLEDGE_KEYS. They are stored nowhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's options."""
        parser.add_argument("action", choices=["new"])
        parser.add_argument("--version-number", type=int, default=1, help="Version of the keys, from 1 to 255.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a random key for each purpose."""
        version = str(options["version_number"])
        keys = {purpose: {version: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()} for purpose in PURPOSES}
        self.stdout.write(json.dumps(keys, indent=2))
