"""Public views and pages answer a database error with 503, ``Retry-After`` and a text that says only what is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern

from tests.forms import forms_in
from tests.journey import fresh, sign_url
from wagtail_pledge import urls
from wagtail_pledge.core.database_errors import ADMIN_STATEMENT_SECONDS, DatabaseErrorMiddleware
from wagtail_pledge.core.postgresql.limits import statement_seconds
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E15")]

MIDDLEWARE = "wagtail_pledge.middleware.DatabaseErrorMiddleware"
#: What nobody can know while the database is away.
CLAIMS = re.compile(r"was not added|may not have been added|has been added|not confirmed|no se sumó\.|لم يُضَف")
#: These never ask the database.
WITHOUT_DATABASE = {"embed_script"}


@contextmanager
def _away(error: type[Exception] = OperationalError) -> Iterator[None]:
    """Fail every statement."""

    def fail(*_args: Any) -> None:
        raise error

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def signature(campaign: Any) -> Any:
    return SignatureFactory(pledge=campaign.pledge)


def _assert_unavailable(answer: Any) -> str:
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert not CLAIMS.search(text), text
    return text


@pytest.fixture
def ticket(browser: Client, individual: Any, person: Any) -> str:
    location: str = browser.post(sign_url(individual), fresh(individual, **person))["Location"]
    return location.split("/")[3]


def _url(pattern: URLPattern, page: Any, signature: Any, ticket: str = "") -> str:
    """Return the URL of one of the package's views, with arguments that let it ask the database."""
    pledge = page.signer_type.pledge
    purposes = {"confirm": CONFIRM, "not_me": NOT_ME, "manage": MANAGE, "logo": MANAGE}
    values: dict[str, Any] = {
        "pledge": pledge.uuid,
        "signer_type": page.signer_type.uuid,
        "ticket": ticket,
        "token": token_for(purposes.get(str(pattern.name), MANAGE), signature),
        "site": 1,
        "digest": "0",
        "key": "nothing",
    }
    route = str(pattern.pattern)
    return "/pledge/" + re.sub(r"<\w+:(\w+)>", lambda match: str(values[match[1]]), route)


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: str(pattern.name))
def test_reading_any_url_of_the_package(
    browser: Client, individual: Any, signature: Any, ticket: str, pattern: URLPattern
) -> None:
    """Taken from the URLconf, so that a new view is tested too; without the middleware, which a site may not have."""
    url = _url(pattern, individual, signature, ticket)
    if pattern.name == "stamp":
        url += f"?statement={'0' * 64}"
    if pattern.name == "health":
        return  # asks in a thread of its own; see tests/api/test_health.py
    with _away():
        answer = browser.get(url)
    if pattern.name in WITHOUT_DATABASE:
        assert answer.status_code == 302
        return
    text = _assert_unavailable(answer)
    assert (answer["Content-Type"] == "application/json") is url.partition("?")[0].endswith(".json")
    if url.endswith("/"):
        assert "This page can’t be shown right now" in text


@pytest.mark.requirement("E16")
@pytest.mark.parametrize("name", ["confirm", "not_me", "manage", "inbox", "link"])
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_sending_a_form_offers_to_send_it_again(
    browser: Client, individual: Any, signature: Any, ticket: str, name: str, error: type[Exception]
) -> None:
    (pattern,) = [pattern for pattern in urls.urlpatterns if pattern.name == name]
    url = _url(pattern, individual, signature, ticket) + "?lang=en"
    sent = {"action": "withdraw", "email": "new@example.org"}
    with _away(error):
        answer = browser.post(url, sent)
    text = _assert_unavailable(answer)
    assert "We don’t know whether this worked" in text
    (form,) = [form for form in forms_in(answer.content) if form.method == "post"]
    assert (form.action, form.data) == (url, sent)


@pytest.mark.requirement("E16")
def test_a_file_cannot_be_sent_again_by_us(browser: Client, individual: Any, signature: Any) -> None:
    (pattern,) = [pattern for pattern in urls.urlpatterns if pattern.name == "logo"]
    url = _url(pattern, individual, signature)
    with _away():
        answer = browser.post(url, {"logo": SimpleUploadedFile("logo.png", b"x")})
    text = _assert_unavailable(answer)
    assert not [form for form in forms_in(answer.content) if form.method == "post"]
    assert "We don’t know whether this worked" in text


@pytest.mark.requirement("E16")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We don’t know whether your signature was added."),
        ("es", "No sabemos si su firma se sumó."),
        ("ar", "لا نعرف إن كان توقيعك قد أُضيف."),
    ],
)
def test_signing_says_that_it_does_not_know(
    browser: Client, individual: Any, person: Any, language: str, text: str
) -> None:
    url, form = f"{sign_url(individual)}?lang={language}", fresh(individual, **person)
    with _away():
        answer = browser.post(url, form)
        as_json = browser.post(url, form, content_type="application/json")
    for one in (answer, as_json):
        assert text in (one.json()["error"] if one is as_json else _assert_unavailable(one))
        _assert_unavailable(one)
    assert as_json["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en", "This page can’t be shown right now"),
        ("es", "Esta página no se puede mostrar en este momento"),
        ("ar", "لا يمكن عرض هذه الصفحة الآن"),
    ],
)
@pytest.mark.parametrize("path", ["/{}/ratify/", "/{}/nothing/", "/pledge/confirm/{}/?lang={}"])
def test_pages_answer_in_their_language(
    settings: Any, browser: Client, signature: Any, language: str, heading: str, path: str
) -> None:
    settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]
    first = token_for(CONFIRM, signature) if "confirm" in path else language
    with _away():
        answer = browser.get(path.format(first, language))
    assert heading in _assert_unavailable(answer)
    assert answer["Content-Language"] == language


def test_a_template_of_the_site_that_needs_the_database_does_not_break_the_page(
    settings: Any, browser: Client, signature: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("wagtail_pledge.campaigns.views.unavailable.render_page", fail)
    with _away():
        answer = browser.get(f"/pledge/confirm/{token_for(CONFIRM, signature)}/?lang=ar")
    assert "لا يمكن عرض هذه الصفحة الآن" in _assert_unavailable(answer)
    assert b'dir="rtl"' in answer.content


@pytest.mark.parametrize("error", [DataError, IntegrityError, ValueError])
def test_a_bug_stays_a_500(browser: Client, signature: Any, error: type[Exception]) -> None:
    with _away(error):
        assert browser.get(f"/pledge/confirm/{token_for(CONFIRM, signature)}/").status_code == 500


def test_an_error_page_asks_the_database_nothing(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fail(_execute: Any, sql: str, *_args: Any) -> None:
        asked.append(sql)
        raise OperationalError

    with connection.execute_wrapper(fail):
        _assert_unavailable(browser.get(f"/pledge/{uuid4()}/embed/"))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("path", "seconds"), [("/admin/", ADMIN_STATEMENT_SECONDS), ("/en/", None), ("/pledge/", None)]
)
def test_the_admin_may_take_longer(rf: RequestFactory, path: str, seconds: float | None) -> None:
    found: list[float | None] = []

    def parts() -> Iterator[bytes]:
        found.append(statement_seconds(None))
        yield b"x"
        found.append(statement_seconds(None))

    def view(request: Any) -> Any:
        found.append(statement_seconds(None))
        return StreamingHttpResponse(parts()) if "download" in request.GET else HttpResponse()

    DatabaseErrorMiddleware(view)(rf.get(path))
    assert found == [seconds]
    response: Any = DatabaseErrorMiddleware(view)(rf.get(path, {"download": ""}))
    found.extend(statement_seconds(None) for _part in response.streaming_content)
    assert found == [seconds, seconds, seconds, None, seconds]
