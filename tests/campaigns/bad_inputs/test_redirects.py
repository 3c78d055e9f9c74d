"""Redirects and absolute links never depend on parameters or host headers of a request."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.campaigns.bad_inputs.payloads import REDIRECT_TARGETS
from tests.journey import confirm_all, confirm_path, fresh, sign_url, signatures, submissions, work
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.messages import MailSubject, render_mail
from wagtail_pledge.signing.services import MANAGE, approve, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

#: Common names of redirect parameters.
NAMES: Final = ("next", "url", "redirect", "redirect_to", "return", "return_to", "continue", "dest", "back", "page")
EVIL: Final = "evil.example"
LINK: Final = re.compile(r"(?:href|src|action|content)=\"((?:https?:)?//[^\"]*)\"")
SITE: Final = "localhost"
#: External links of a page: the share links.
SHARING: Final = (
    "https://wa.me/?text=",
    "https://t.me/share/url?url=",
    "https://www.facebook.com/sharer/sharer.php?u=",
    "https://bsky.app/intent/compose?text=",
)


def query_for(target: str) -> str:
    return "&".join(f"{name}={quote(target, safe='')}" for name in NAMES)


@pytest.mark.requirement("I46", "D7")
@pytest.mark.parametrize("target", REDIRECT_TARGETS)
def test_no_parameter_changes_a_redirect(client: Client, individual: Any, person: Any, target: str) -> None:
    """No parameter in the query or the body, and no Referer, changes the target of a redirect."""
    assert len(set(REDIRECT_TARGETS)) == 25
    sign_and_confirm(client, individual, person, target)


def sign_and_confirm(client: Client, individual: Any, person: dict[str, str], target: str) -> None:
    """Sign and confirm with ``target`` in every parameter and header."""
    query, form = query_for(target), fresh(individual, **person)
    extra = {f"{name}_": target for name in NAMES} | {name.upper(): target for name in NAMES}
    header = {"Referer": target.encode().decode("latin-1").replace("\n", "")}
    signed = client.post(f"{sign_url(individual)}?{query}", {**form, **extra}, headers=header)
    again = client.post(sign_url(individual), {**fresh(individual, **person), **dict.fromkeys(NAMES, target)})
    for answer in (signed, again):
        assert answer.status_code == 303
        assert re.fullmatch(r"/pledge/inbox/[\w-]+/", answer["Location"])
    work()
    inbox, link = signed["Location"], confirm_path(person["email"])
    manage = f"/pledge/manage/{token_for(MANAGE, SignatureFactory(pledge=individual.signer_type.pledge))}/"
    not_me = f"/pledge/not-me/{token_for(NOT_ME, submissions().latest('created_at'))}/"
    expected = {inbox: f"{inbox}?again=1", link: link, manage: manage, not_me: None}
    for path, location in expected.items():
        shown = client.get(f"{path}?{query}", headers=header)
        assert shown.status_code == 200
        assert b"e.example/" not in shown.content
        assert quote(target, safe="").encode() not in shown.content
        # These two refuse a parameter that is in the query and the body
        body = {} if path in {link, manage} else dict.fromkeys(NAMES, target)
        answer = client.post(f"{path}?{query}", body, headers=header)
        assert answer["Location"] == (location or path)
    assert client.get(f"{sign_url(individual)}?{query}")["Location"].endswith("/ratify/")


@pytest.mark.requirement("I46", "D7")
@pytest.mark.parametrize("target", REDIRECT_TARGETS)
def test_the_json_response_never_links_elsewhere(individual: Any, person: Any, target: str) -> None:
    endpoint = SignEndpoint(individual, person, as_json=True)
    answer = endpoint.send({**fresh(individual, **person), **dict.fromkeys(NAMES, target)})
    assert answer.status_code == 202
    assert re.fullmatch(r"/pledge/inbox/[\w-]+/", answer.json()["inbox"])


HOSTS: Final = [
    {"Host": EVIL},
    {"Host": f"{EVIL}:8443"},
    {"Host": EVIL, "X-Forwarded-Host": EVIL},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "Forwarded": f"host={EVIL}", "X-Host": EVIL},
    {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Port": "8443",
        "X-Original-URL": f"//{EVIL}/",
        "X-Rewrite-URL": f"//{EVIL}/",
    },
]


def check_page(answer: Any, status: int = 200) -> None:
    """Assert that every absolute URL of a page is on the site itself, but for the share links."""
    html = answer.content.decode()
    assert answer.status_code == status
    assert EVIL not in html
    assert EVIL not in str(answer.headers)
    foreign = [link for link in LINK.findall(html) if link.split("/")[2] != SITE and not link.startswith(SHARING)]
    assert not foreign, answer.request["PATH_INFO"]


@pytest.mark.requirement("I47", "D11")
@pytest.mark.parametrize("headers", HOSTS)
@pytest.mark.parametrize("which", ["individual", "organization"])
def test_absolute_links_do_not_depend_on_the_host_header(
    which: str, headers: dict[str, str], settings: Any, request: pytest.FixtureRequest
) -> None:
    settings.ALLOWED_HOSTS, settings.WAGTAIL_PLEDGE_BASE_URL = ["*"], None
    settings.USE_X_FORWARDED_HOST = which == "organization"
    page = request.getfixturevalue(which)
    values = request.getfixturevalue("organization_form" if which == "organization" else "person")
    client, url = Client(headers=headers), sign_url(page)
    for path in (page.url, page.get_parent().url, "/pledge/confirm/x/"):
        check_page(client.get(path))
    check_page(client.get(url), 303)
    check_page(client.post(url, {**fresh(page, **values), "email": "nobody"}), 422)
    check_page(client.post(url, {**fresh(page, **values), "stamp": ""}))
    signed = client.post(url, fresh(page, **values))
    check_page(signed, 303)
    check_page(client.get(signed["Location"]))
    work()
    link = confirm_path(values["email"])
    check_page(client.get(link))
    check_page(client.post(link), 303)
    check_page(client.get(link))
    signature = signatures().get()
    if which == "organization":
        approve(signature)
        work()
    check_page(client.get(f"/pledge/manage/{token_for(MANAGE, signature)}/"))
    assert mail.outbox
    for message in mail.outbox:
        assert EVIL not in f"{message.message()}"
        assert f"http://{SITE}/pledge/" in str(message.body)


@pytest.mark.requirement("I47", "D11")
@pytest.mark.parametrize(
    "kind", [MessageKind.CONFIRM, MessageKind.REMINDER, MessageKind.ALREADY_SIGNED, MessageKind.APPROVED]
)
def test_mails_of_a_pledge_without_a_page_link_to_the_base_url(
    individual: Any, campaign: Any, person: Any, settings: Any, kind: MessageKind
) -> None:
    settings.ALLOWED_HOSTS, settings.WAGTAIL_PLEDGE_BASE_URL = ["*"], "https://pledge.example"
    client = Client(headers={"Host": EVIL})
    assert client.post(sign_url(individual), fresh(individual, **person)).status_code == 303
    submission = submissions().get()
    (signature,) = confirm_all()
    campaign.delete()
    is_about_form = kind in {MessageKind.CONFIRM, MessageKind.REMINDER}
    message = render_mail(kind, MailSubject(signature=signature, submission=submission if is_about_form else None))
    links = re.findall(r"https?://[^/\s\"<]+", message.text + message.html)
    assert set(links) == {"https://pledge.example"}
