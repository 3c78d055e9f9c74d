"""The SMTP sink of the benchmarks."""

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
def test_the_sink_reports_the_time_of_each_mail_and_the_number_of_connections(kind: str) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.smtp_sink", str(port), kind], stdout=subprocess.PIPE, text=True
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
        report = json.loads(sink.communicate(timeout=10)[0])
    assert len(report["times"]) == 6
    assert all(began <= moment <= ended for moment in report["times"])
    # wait_for_port opened one more
    assert report["connections"] == 3
