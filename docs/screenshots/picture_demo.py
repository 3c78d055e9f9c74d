"""A demo for the pictures: set up in a directory that is thrown away, and served."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
PROJECT: Final = HERE.parent.parent
SERVE: Final = PROJECT / "example_project" / "serve.py"
PORT: Final = os.environ.get("PORT") or "8000"
BASE: Final = f"http://127.0.0.1:{PORT}"
CALL: Final = "/en/ratify/"
READY_SECONDS: Final = 180


@contextmanager
def demo() -> Iterator[dict[str, str]]:
    """Set up and serve a demo; yields the environment that it runs in."""
    with tempfile.TemporaryDirectory(prefix="pledge-pictures-") as directory:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "picture_settings",
            "PYTHONPATH": os.pathsep.join((str(HERE), str(PROJECT))),
            "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
            "MEDIA_ROOT": f"{directory}/media",
            "DEMO_MAIL_DIR": f"{directory}/mail",
            "PLEDGE_DEMO_PASSWORD": secrets.token_urlsafe(9),
            "PORT": PORT,
        }
        for command in ([str(SERVE), "--setup-only"], [str(HERE / "stage.py"), "set"]):
            subprocess.run([sys.executable, *command], env=environment, check=True)
        served = subprocess.Popen([sys.executable, str(SERVE)], env=environment)
        try:
            wait_until_served(served)
            yield environment
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait()


def wait_until_served(served: subprocess.Popen[bytes]) -> None:
    """Return as soon as the call is there."""
    deadline = time.monotonic() + READY_SECONDS
    while served.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(BASE + CALL, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The demo did not start: what went wrong stands above.")
