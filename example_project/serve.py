"""Sets up the example campaign, then runs the site and a worker: ``make demo``.

``--setup-only`` stops after the setup. Environment variables: ``PORT`` (8000); ``PLEDGE_DEMO_PASSWORD``, the password
of the demo users (default: generated once and kept in ``var/demo-password``); ``PLEDGE_DEMO_SIGNATURES``, the number
of generated signatures (1240).
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

PROJECT_DIR: Final = Path(__file__).resolve().parent
VAR_DIR: Final = PROJECT_DIR / "var"
MANAGE: Final = [sys.executable, str(PROJECT_DIR / "manage.py")]
USERS: Final = "admin, editor or moderator"
SIGNATURES: Final = os.environ.get("PLEDGE_DEMO_SIGNATURES") or "1240"
READY_SECONDS: Final = 120
STOP_SECONDS: Final = 10


def print_now(text: str) -> None:
    """Print without buffering, so that the output stays in order with that of the subprocesses."""
    print(text, flush=True)


def demo_password() -> str:
    """Return the password from the environment or from ``var/demo-password``, which is created if needed."""
    from_environment = os.environ.get("PLEDGE_DEMO_PASSWORD")
    if from_environment:
        return from_environment
    path = VAR_DIR / "demo-password"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def set_up() -> None:
    """Migrate the database and load the content. Running it again changes nothing."""
    for title, command in (
        ("Migrating the database (takes about half a minute the first time)", ["migrate", "--verbosity", "0"]),
        ("Loading the campaign's pages and the treaty data", ["pledge_demo", "--signatures", SIGNATURES]),
    ):
        print_now(f"==> {title}")
        if status := subprocess.run([*MANAGE, *command], check=False).returncode:
            sys.exit(status)


def is_port_free(port: str) -> bool:
    """Return whether no other process listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            return False
    return True


def start(*command: str) -> subprocess.Popen[bytes]:
    """Start a management command in a new session, so that Ctrl-C only reaches this process, which stops the others.

    With ``setpriv`` (Linux), the command also ends if this process is killed.
    """
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    return subprocess.Popen([*prefix, *MANAGE, *command], start_new_session=True)


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Stop the processes: send SIGINT, wait, then kill."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_served(url: str, processes: list[subprocess.Popen[bytes]]) -> bool:
    """Wait until the site answers. Return false if a process ends first or the time is up."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def print_addresses(root: str, password: str) -> None:
    """Print the addresses and the logins."""
    print_now(
        f"""
The site is running. Press Ctrl-C to stop it.

  Campaign     {root}/en/ratify/    {root}/es/ratify/
  Treaty       {root}/en/treaty/
  Demo mail    {root}/demo/mail/
  Admin        {root}/admin/
  Login        {USERS}    password: {password}
"""
    )


def serve(port: str, password: str) -> int:
    """Run the site and the worker until one of them ends or this process is interrupted."""
    root = f"http://127.0.0.1:{port}"
    print_now(f"==> Starting the site on {root} and a worker")
    processes = [start("runserver", "--noreload", f"127.0.0.1:{port}"), start("pledge_worker")]
    try:
        if not wait_until_served(f"{root}/en/ratify/", processes):
            print_now("The site did not start. See the error above.")
            return 1
        print_addresses(root, password)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        print_now("\nStopping")
        return 0
    finally:
        stop(processes)
    return 1


def raise_keyboard_interrupt(_number: int, _frame: object) -> None:
    """Handle SIGTERM like Ctrl-C, and SIGINT also if the shell started this process with SIGINT ignored."""
    raise KeyboardInterrupt


def main() -> int:
    """Set up, then serve unless ``--setup-only`` is given."""
    signal.signal(signal.SIGTERM, raise_keyboard_interrupt)
    signal.signal(signal.SIGINT, raise_keyboard_interrupt)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings.demo")
    os.environ["PLEDGE_DEMO_PASSWORD"] = password = demo_password()
    port = os.environ.get("PORT") or "8000"
    if "--setup-only" not in sys.argv[1:] and not is_port_free(port):
        print_now(f"Port {port} is in use. Choose another one: make demo PORT=8001")
        return 1
    set_up()
    if "--setup-only" in sys.argv[1:]:
        print_now(f"The demo is set up. Run it with `make demo`. Login: {USERS}    password: {password}")
        return 0
    return serve(port, password)


if __name__ == "__main__":
    sys.exit(main())
