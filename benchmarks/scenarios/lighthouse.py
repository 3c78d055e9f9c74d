"""P12: Lighthouse scores of the demo's pages on a phone.

This is the only scenario that needs npm: it installs a pinned version of Lighthouse into ``.cache``. It measures the
browser's work, not the server's, so the demo runs with SQLite.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.rounds import Result, Run, load_average
from benchmarks.site import free_port, wait_for_port

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / ".cache" / "lighthouse"
#: Lighthouse 13 needs a newer version of Node than Debian has.
VERSION: Final = "12.8.2"
RUNS: Final = 3
PAGES: Final = {"pledge page": "/en/ratify/", "treaty page": "/en/treaty/"}
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
METRICS: Final = {
    "LCP ms": "largest-contentful-paint",
    "TBT ms": "total-blocking-time",
    "CLS": "cumulative-layout-shift",
    "bytes": "total-byte-weight",
}
FLAGS: Final = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


def lighthouse_program() -> Path:
    """Return the path of Lighthouse; install it if needed. Raise ``RuntimeError`` if npm is missing or fails."""
    program = CACHE / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            message = "P12 needs npm (Debian: apt-get install npm)"
            raise RuntimeError(message)
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(CACHE)]
        environment = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
        done = subprocess.run([*command, f"lighthouse@{VERSION}"], env=environment, check=False)
        if done.returncode:
            message = f"npm could not install lighthouse@{VERSION}"
            raise RuntimeError(message)
    return program


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """Set up the demo in a temporary directory, serve it and yield its base URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.demo_settings",
            "DATABASE_URL": f"sqlite:///{name}/db.sqlite3",
            "MEDIA_ROOT": f"{name}/media",
            "DEMO_MAIL_DIR": f"{name}/mail",
            "STATIC_ROOT": f"{name}/static",
            "PORT": str(port),
            "PLEDGE_DEMO_PASSWORD": "not-needed-here",
        }
        for command in (["migrate", "--verbosity=0"], ["pledge_demo"], ["collectstatic", "--noinput", "--verbosity=0"]):
            manage = [sys.executable, str(ROOT / "example_project" / "manage.py"), *command]
            subprocess.run(manage, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        server = [sys.executable, "-m", "gunicorn", "example_project.wsgi", "--bind", f"127.0.0.1:{port}"]
        server += ["--workers", "2", "--log-level", "warning", "--no-control-socket"]
        process = subprocess.Popen(server, env=environment, cwd=ROOT)
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def visit(program: Path, url: str) -> dict[str, Any]:
    """Return the Lighthouse report of ``url`` for a phone."""
    chromium = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-headless-shell")
    if not chromium:
        message = "No Chromium: run make system, or name one with PLEDGE_CHROMIUM"
        raise RuntimeError(message)
    command = [str(program), url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def figures(report: Mapping[str, Any]) -> dict[str, float]:
    """Return scores (0 to 100), metrics, bytes and number of requests (those of scripts included) of a report."""
    audits = report["audits"]
    scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    measured = {name: round(audits[audit]["numericValue"], 3) for name, audit in METRICS.items()}
    requested = [item for item in audits["network-requests"]["details"]["items"] if not item["url"].startswith("data:")]
    return {**scores, **measured, "requests": len(requested)}


def medians(reports: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: statistics.median(report[name] for report in reports) for name in reports[0]}


def lighthouse(_run: Run) -> Result:
    """P12: the pledge page and the treaty page, the median of three runs each."""
    program = lighthouse_program()
    with demo() as root:
        result: Result = {}
        for name, path in PAGES.items():
            # The first visit fills the caches of the workers
            visit(program, root + path)
            result[name] = medians([figures(visit(program, root + path)) for _time in range(RUNS)])
    return {**result, "lighthouse": VERSION, "load average": load_average()}
