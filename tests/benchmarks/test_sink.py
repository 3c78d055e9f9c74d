"""The mail server of the benchmarks."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

from benchmarks.site import free_port, wait_for_port


@pytest.mark.parametrize("kind", ["plain", "aiosmtpd"])
def test_it_says_when_mails_came_and_over_how_many_connections(kind: str) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", str(port), kind], stdout=subprocess.PIPE, text=True
    ) as sink:
        wait_for_port(port)
        began = time.monotonic()
        for _connection in range(2):
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
                for _number in range(3):
                    mail = EmailMessage()
                    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Señal"
                    mail.set_content(".\n..\nDATA\nQUIT\n" + "x" * 100_000)
                    client.send_message(mail)
        ended = time.monotonic()
        sink.terminate()
        seen = json.loads(sink.communicate(timeout=10)[0])
    assert len(seen["times"]) == 6
    assert all(began <= moment <= ended for moment in seen["times"])
    # One more looked whether somebody listens
    assert seen["connections"] == 3
