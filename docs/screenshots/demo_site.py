"""Sets up and serves a demo site for the screenshots, in a temporary directory."""

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
CAMPAIGN_PATH: Final = "/en/ratify/"
READY_SECONDS: Final = 180


@contextmanager
def running_demo() -> Iterator[dict[str, str]]:
    """Set up and serve a demo site; yield the environment variables that it runs with."""
    with tempfile.TemporaryDirectory(prefix="pledge-screenshots-") as directory:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "screenshot_settings",
            "PYTHONPATH": os.pathsep.join((str(HERE), str(PROJECT))),
            "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
            "MEDIA_ROOT": f"{directory}/media",
            "DEMO_MAIL_DIR": f"{directory}/mail",
            "PLEDGE_DEMO_PASSWORD": secrets.token_urlsafe(9),
            "PORT": PORT,
        }
        for command in ([str(SERVE), "--setup-only"], [str(HERE / "demo_state.py"), "set"]):
            subprocess.run([sys.executable, *command], env=environment, check=True)
        served = subprocess.Popen([sys.executable, str(SERVE)], env=environment)
        try:
            wait_until_served(served)
            yield environment
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait()


def wait_until_served(served: subprocess.Popen[bytes]) -> None:
    """Return when the campaign page can be loaded."""
    deadline = time.monotonic() + READY_SECONDS
    while served.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(BASE + CAMPAIGN_PATH, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The demo site did not start. See the error above.")
