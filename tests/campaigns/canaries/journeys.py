"""Journeys of a signer through the site, with and without errors. Each takes a person who has signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.test import override_settings

from tests.campaigns.canaries.captured_output import Canary
from tests.journey import sign, sign_url
from wagtail_pledge.signing.services import CONFIRM, MANAGE
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.signing.services.switches import SIGNING, set_switch
from wagtail_pledge.signing.signals import signature_confirmed

VIEWS: Final = "wagtail_pledge.campaigns.views"


@contextmanager
def failing(place: str, error: Exception) -> Iterator[None]:
    """Make ``place`` raise ``error``, with the arguments of the call in a local variable of the frame."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        arguments = f"{args} {kwargs}"
        assert arguments
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, fail)
        yield


class FailingMiddleware:
    """Site middleware that fails before the view is resolved."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Fail as a session without a database does, with the request as a local variable."""
        message = "the database does not answer"
        raise OperationalError(message)


def refuse(data: dict[str, Any]) -> None:
    """Validator of the site that raises an unexpected error."""
    raise RuntimeError(str(data))


def _confirms(person: Canary) -> Iterator[int]:
    yield person.client.get(person.links[CONFIRM]).status_code
    pressed = person.client.post(person.links[CONFIRM])
    yield pressed.status_code
    yield person.client.get(pressed["Location"]).status_code


def _resends_mail(person: Canary) -> Iterator[int]:
    yield person.client.get(person.inbox).status_code
    yield person.client.post(person.inbox).status_code
    yield person.client.post(person.inbox, {"code": "000000"}).status_code
    yield person.client.get(f"{person.inbox}?again=1").status_code


def _opts_out(person: Canary) -> Iterator[int]:
    yield person.client.get(person.links[NOT_ME]).status_code
    yield person.client.post(person.links[NOT_ME]).status_code
    yield person.client.get(person.links[NOT_ME]).status_code


def _withdraws(person: Canary) -> Iterator[int]:
    yield from _confirms(person)
    yield person.client.get(person.links[MANAGE]).status_code
    yield person.client.post(person.links[MANAGE], {"action": "withdraw"}).status_code


def _asks_for_link(person: Canary) -> Iterator[int]:
    path = f"/pledge/{person.page.signer_type.pledge.uuid}/link/"
    for address in (person.person["email"], f"signed.{person.person['email']}", person.person["name"]):
        yield person.client.post(path, {"email": address}).status_code
    for error in (OperationalError(person.text), KeyError(person.text)):
        with failing(f"{VIEWS}.link.request_link", error):
            yield person.client.post(path, {"email": person.person["email"]}).status_code


def _signs_without_javascript(person: Canary) -> Iterator[int]:
    yield sign(person.client, person.page.url, **person.person).status_code


def _signs_as_json(person: Canary) -> Iterator[int]:
    post = person.client.post
    yield post(sign_url(person.page), json.dumps(person.form), content_type="application/json").status_code


def _is_rejected(person: Canary) -> Iterator[int]:
    url, form = sign_url(person.page), person.form
    post = person.client.post
    yield post(url, {**form, "email": person.person["name"]}).status_code
    yield post(url, form, headers={"sec-fetch-site": "cross-site"}).status_code
    yield post(url, {**form, "name": person.person["name"] * 5_000}).status_code
    yield post(url, json.dumps(form), content_type="text/plain").status_code
    yield post(url, {**form, "name": ["a", person.person["name"]]}).status_code
    yield post(url, form, headers={"host": "evil.example"}).status_code
    yield post(url.replace("/sign/", "/signs/"), form).status_code
    yield person.client.put(url, json.dumps(form)).status_code


def _breaks_links(person: Canary) -> Iterator[int]:
    for path in (*person.links.values(), person.inbox):
        for broken in (f"{path})", f"/en{path}", path[:-1], f"{path[:-1]}%0a/", f"{path[:40]}%0d%0a{path[40:]}x/y"):
            yield person.client.get(broken).status_code
        yield person.client.put(path).status_code


def _signing_is_paused(person: Canary) -> Iterator[int]:
    set_switch(SIGNING, on=True)
    yield person.client.post(sign_url(person.page), person.form).status_code
    set_switch(SIGNING, on=False)


def _site_code_fails(person: Canary) -> Iterator[int]:
    with override_settings(MIDDLEWARE=[f"{__name__}.FailingMiddleware"]):
        for path in (sign_url(person.page), *person.links.values(), person.inbox):
            yield (
                person.client.__class__(
                    raise_request_exception=False, REMOTE_ADDR=person.address, headers={"user-agent": person.text}
                )
                .post(path, person.person)
                .status_code
            )
    with override_settings(WAGTAIL_PLEDGE_SIGN_VALIDATORS=[f"{__name__}.refuse"]):
        yield person.client.post(sign_url(person.page), person.form).status_code


def _signal_receiver_fails(person: Canary) -> Iterator[int]:
    def listen(signature: Any, **_about: Any) -> None:
        message = f"no such address: {signature.email} {signature.name}"
        raise ValueError(message)

    signature_confirmed.connect(listen)
    try:
        yield from _confirms(person)
    finally:
        signature_confirmed.disconnect(listen)


def _signing_fails(person: Canary) -> Iterator[int]:
    kinds = (OperationalError, IntegrityError, ValueError, SuspiciousOperation, BadRequest, PermissionDenied, OSError)
    for kind in kinds:
        with failing(f"{VIEWS}.sign.submit", kind(person.text)):
            yield person.client.post(sign_url(person.page), person.form).status_code
    with failing(f"{VIEWS}.sign.remembered_statement", OperationalError(person.text)):
        yield person.client.post(sign_url(person.page), person.form).status_code


def _link_pages_fail(person: Canary) -> Iterator[int]:
    for error in (OperationalError(person.text), KeyError(person.text)):
        for place, path, data in (
            ("confirm.confirm", person.links[CONFIRM], {}),
            ("confirm.submission_from_token", person.links[CONFIRM], {}),
            ("not_me.stop_mail", person.links[NOT_ME], {}),
            ("manage.withdraw", person.links[MANAGE], {"action": "withdraw"}),
            ("inbox.resend_mail", person.inbox, {}),
        ):
            with failing(f"{VIEWS}.{place}", error):
                yield person.client.post(path, data).status_code
        for place, path in (("confirm.render_page", person.links[CONFIRM]), ("inbox.open_ticket", person.inbox)):
            with failing(f"{VIEWS}.{place}", error):
                yield person.client.get(path).status_code


TRIPS: Final[list[Callable[[Canary], Iterator[int]]]] = [
    *(
        _confirms,
        _resends_mail,
        _opts_out,
        _withdraws,
        _asks_for_link,
        _signs_without_javascript,
        _signs_as_json,
        _is_rejected,
        _breaks_links,
    ),
    *(_signing_is_paused, _site_code_fails, _signal_receiver_fails, _signing_fails, _link_pages_fail),
]
