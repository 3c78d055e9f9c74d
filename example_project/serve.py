"""Set up the example campaign and serve it, with a worker beside it: ``make demo``.

``--setup-only`` stops before serving. ``PORT`` names the port (8000), ``PLEDGE_DEMO_PASSWORD`` the password
of the demo users; without it one is made up once and kept in ``var/demo-password``. ``PLEDGE_DEMO_SIGNATURES`` says
how many made-up people and organizations have signed before you come (1,240).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
VAR: Final = HERE / "var"
MANAGE: Final = [sys.executable, str(HERE / "manage.py")]
USERS: Final = "admin, editor or moderator"
SIGNATURES: Final = os.environ.get("PLEDGE_DEMO_SIGNATURES") or "1240"
READY_SECONDS: Final = 120
STOP_SECONDS: Final = 10


def say(text: str) -> None:
    """Print at once: what runs beside us prints too."""
    print(text, flush=True)


def demo_password() -> str:
    """Return the password from the environment, else the kept one, else a new one."""
    given = os.environ.get("PLEDGE_DEMO_PASSWORD")
    if given:
        return given
    kept = VAR / "demo-password"
    if not kept.exists():
        VAR.mkdir(exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def set_up() -> None:
    """Bring database and content to the current state; doing it again changes nothing."""
    for title, command in (
        ("Migrating the database (half a minute the first time)", ["migrate", "--verbosity", "0"]),
        ("Loading the campaign, its pages and the treaty's data", ["pledge_demo", "--signatures", SIGNATURES]),
    ):
        say(f"==> {title}")
        if status := subprocess.run([*MANAGE, *command], check=False).returncode:
            sys.exit(status)


def is_free(port: str) -> bool:
    """Return whether nobody listens on ``port``: another site there would answer in our place."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            return False
    return True


def start(*command: str) -> subprocess.Popen[bytes]:
    """Start a management command in a session of its own, so that Ctrl-C reaches us only and we end all in order.

    Where the system can, it ends with us even if we are killed.
    """
    setpriv = shutil.which("setpriv")
    tied = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    return subprocess.Popen([*tied, *MANAGE, *command], start_new_session=True)


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End what we started: ask, wait, insist."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_served(url: str, processes: list[subprocess.Popen[bytes]]) -> bool:
    """Return whether the site answers; false as soon as a process has ended."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def tell(root: str, password: str) -> None:
    """Say where everything is, and with which login."""
    say(
        f"""
The campaign is served. Ctrl-C ends it.

  Campaign     {root}/en/ratify/    {root}/es/ratify/
  Treaty       {root}/en/treaty/
  Demo mail    {root}/demo/mail/
  Admin        {root}/admin/
  Login        {USERS}    password: {password}
"""
    )


def serve(port: str, password: str) -> int:
    """Run the site and the worker until either ends or somebody ends us."""
    root = f"http://127.0.0.1:{port}"
    say(f"==> Starting the site on {root} and a worker beside it")
    processes = [start("runserver", "--noreload", f"127.0.0.1:{port}"), start("pledge_worker")]
    try:
        if not wait_until_served(f"{root}/en/ratify/", processes):
            say("The site did not start: what went wrong stands above.")
            return 1
        tell(root, password)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        say("\nStopping")
        return 0
    finally:
        stop(processes)
    return 1


def end_by_signal(_number: int, _frame: object) -> None:
    """Treat SIGTERM like Ctrl-C, and Ctrl-C as itself where a shell has switched it off for us."""
    raise KeyboardInterrupt


def main() -> int:
    """Set up, then serve unless asked not to."""
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGINT, end_by_signal)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings.demo")
    os.environ["PLEDGE_DEMO_PASSWORD"] = password = demo_password()
    port = os.environ.get("PORT") or "8000"
    if "--setup-only" not in sys.argv[1:] and not is_free(port):
        say(f"Port {port} is in use. Name another: make demo PORT=8001")
        return 1
    set_up()
    if "--setup-only" in sys.argv[1:]:
        say(f"The campaign is set up; `make demo` serves it. Login: {USERS}    password: {password}")
        return 0
    return serve(port, password)


if __name__ == "__main__":
    sys.exit(main())
