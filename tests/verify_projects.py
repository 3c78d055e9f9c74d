"""Checks every integrator project: no warning of the system checks, no missing migration.

``python -m tests.verify_projects`` runs itself once per project, since settings load once per process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.core.management import CommandError, call_command

from tests.run import ROOT, project_names, settings_of


def verify(settings: str) -> int:
    """Check one project, print errors and return the exit status."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    django.setup()
    try:
        call_command("check", fail_level="WARNING")
        call_command("makemigrations", check=True, dry_run=True)
    except (CommandError, SystemExit) as error:
        print(f"{settings}: {error}", file=sys.stderr)
        return 1
    return 0


def _verify_in_process(name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.verify_projects", settings_of(name)]
    return subprocess.run(command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main() -> int:
    """Verify the settings named on the command line, or those of every project."""
    if len(sys.argv) > 1:
        return verify(sys.argv[1])
    status = 0
    names = project_names()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done in zip(names, pool.map(_verify_in_process, names), strict=True):
            print(f"--> {name}\n{done.stdout}", end="", flush=True)
            status |= done.returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
