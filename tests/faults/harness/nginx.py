"""The documented nginx configuration in front of an application."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests import postgres
from tests.databases import ROOT
from tests.faults.harness.site import free_port

DOCUMENTED: Final = ROOT / "docs" / "howto" / "nginx.conf"


@contextlib.contextmanager
def nginx_in_front_of(application: int, directory: Path) -> Iterator[int]:
    """Run nginx in front of the port ``application`` and yield its port; only ports and paths are changed.

    All its files are below ``directory``: ``access.log``, ``log`` (what the server block does not turn off), ``kept``
    (the cache), and ``media``, which it serves.
    """
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert nginx, "the tests need nginx"
    port = free_port()
    text = DOCUMENTED.read_text(encoding="utf-8")
    changes = {
        "127.0.0.1:8000": f"127.0.0.1:{application}",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/cache/nginx/pledge": f"{directory}/kept",
        "/var/log/nginx/pledge.log": f"{directory}/access.log",
        "/srv/campaign/media/": f"{directory}/media/",
    }
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    paths = "".join(f"{kind}_temp_path {directory}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    paths += f"client_body_temp_path {directory}/body;"
    # What a distribution's nginx.conf sets; the documented server block has its own logs
    paths += f"access_log {directory}/other.log;"
    (directory / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {directory}/pid; error_log {directory}/log info;"
        f"events {{ }} http {{ {paths} {text} }}"
    )
    command = [*postgres._ends_with_us(), nginx, "-p", str(directory), "-c", str(directory / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    message = "nginx did not start"
    raise RuntimeError(message)
