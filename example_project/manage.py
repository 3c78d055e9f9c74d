#!/usr/bin/env python
"""Runs a management command of the example site. Works from any directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings.demo")
    execute_from_command_line(sys.argv)
