"""The demo's mail backend and mailbox views."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from example_project.campaign import mail
from example_project.campaign.mail import DemoMailBackend
from tests.architecture.tree import PACKAGE

# The base template reads the site's theme settings from the database
pytestmark = pytest.mark.django_db

LINK = "http://127.0.0.1:8000/pledge/confirm/abc-DEF_1/"


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.WAGTAIL_PLEDGE_BASE_URL = "http://127.0.0.1:8000"
    settings.DEMO_MAIL_DIR = tmp_path / "mail"
    return tmp_path / "mail"


def send(subject: str, *, html: bool = True) -> None:
    message = EmailMultiAlternatives(
        subject=subject,
        body=f"Señora <López>:\n\n{LINK}\n\nhttps://example.org/?a=1&b=2",
        from_email="The campaign <campaign@example.org>",
        to=["ana@example.org"],
    )
    if html:
        message.attach_alternative(
            f'<p style="color:red"><a href="{LINK}">Confirm</a><script>1</script></p>', "text/html"
        )
    assert DemoMailBackend().send_messages([message]) == 1


def test_an_empty_mailbox_explains_how_to_get_mail(client: Client) -> None:
    answer = client.get("/demo/mail/")
    assert answer.status_code == 200
    assert "No message yet" in answer.content.decode()


def test_each_message_is_written_to_one_file(directory: Path) -> None:
    send("Uno")
    send("Dos")
    paths = sorted(directory.iterdir())
    assert [message_from_bytes(path.read_bytes(), policy=modern)["Subject"] for path in paths] == ["Uno", "Dos"]


def test_the_list_is_newest_first(client: Client) -> None:
    send("Older")
    send("Newer")
    html = client.get("/demo/mail/").content.decode()
    assert html.index("Newer") < html.index("Older")
    assert "ana@example.org" in html


def test_links_in_the_text_work_on_any_port(client: Client) -> None:
    send("Falta confirmar")
    html = client.get(f"/demo/mail/{mail.latest(1)[0].name}/").content.decode()
    assert f'<a href="/pledge/confirm/abc-DEF_1/">{LINK}</a>' in html
    assert '<a href="https://example.org/?a=1&amp;b=2">' in html
    assert "Señora &lt;López&gt;" in html


def test_the_html_part_is_shown_in_a_sandboxed_iframe(client: Client) -> None:
    send("With HTML")
    name = mail.latest(1)[0].name
    assert f'src="/demo/mail/{name}/html/"' in client.get(f"/demo/mail/{name}/").content.decode()
    frame = client.get(f"/demo/mail/{name}/html/")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert re.search(r"\bsandbox\b", policy)
    assert LINK in frame.content.decode()


def test_a_message_without_html_has_no_iframe(client: Client) -> None:
    send("Text only", html=False)
    assert "<iframe" not in client.get(f"/demo/mail/{mail.latest(1)[0].name}/").content.decode()


@pytest.mark.parametrize("path", ["/demo/mail/", "/demo/mail/{name}/", "/demo/mail/{name}/html/"])
def test_mailbox_pages_are_not_indexed_cached_or_setting_cookies(client: Client, path: str) -> None:
    send("A message")
    answer = client.get(path.format(name=mail.latest(1)[0].name))
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "..", ".hidden"])
def test_only_files_in_the_mail_directory_are_opened(client: Client, name: str) -> None:
    assert client.get(f"/demo/mail/{name}/html/", follow=True).status_code == 404


def test_post_is_not_allowed(client: Client) -> None:
    assert client.post("/demo/mail/").status_code == 405


@pytest.mark.requirement("X4")
def test_the_link_above_a_message_has_the_colour_of_its_band(client: Client) -> None:
    """Else it is dark on dark."""
    send("Confirm")
    html = client.get(f"/demo/mail/{mail.latest(1)[0].name}/").content.decode()
    assert re.search(r'<div class="pledge-band">.*<p class="pledge-kicker"><a ', html)
    linked = re.findall(r'wagtail_pledge/css/([\w-]+)[^"]*\.css"', html)
    sources = "".join((PACKAGE / "stylesheets" / f"{name}.css").read_text(encoding="utf-8") for name in linked)
    assert ".pledge-band .pledge-kicker a { color: inherit; }" in sources
