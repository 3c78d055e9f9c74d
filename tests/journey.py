"""Signing as a browser without JavaScript does it: page, form, mail, confirmation, count."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core import mail
from django.core.management import call_command
from django.test import Client

from tests.forms import forms_in, sign_form_in
from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.core.db import database_now, utc_day
from wagtail_pledge.signing.abuse.networks import day_key
from wagtail_pledge.signing.models import Statement, get_signature_model
from wagtail_pledge.signing.stamps import issue_stamp

CONFIRM_LINK: Final = re.compile(r"https?://\S+/confirm/[^\s\"<]+")


def work() -> None:
    """Let the worker do everything that is due."""
    call_command("pledge_worker", "--once", verbosity=0)


def sign(client: Client, page_url: str, **values: str) -> Any:
    """Sign through the form on the page; return the response to the final POST.

    Without JavaScript there is no stamp: the first POST comes back with everything kept and a fresh one.
    """
    form = sign_form_in(client.get(page_url).content)
    again = client.post(form.action, form.filled(**values))
    assert again.status_code == 200, again.status_code
    form = sign_form_in(again.content)
    kept = {name: form.data.get(name) for name in values}
    assert kept == values, f"not everything was kept: {kept}"
    return client.post(form.action, form.data)


def confirm_path(address: str) -> str:
    """Return the path of the confirm link in the last mail to ``address``."""
    letters = [letter for letter in mail.outbox if letter.to == [address]]
    assert letters, f"no mail to {address}; there are {[letter.to for letter in mail.outbox]}"
    found = CONFIRM_LINK.search(str(letters[-1].body))
    assert found, letters[-1].body
    return urlsplit(found[0]).path


def confirm(client: Client, address: str) -> Any:
    """Open the link that was mailed and press its one button; return the response to the POST."""
    path = confirm_path(address)
    shown = client.get(path)
    assert shown.status_code == 200
    (button,) = [form for form in forms_in(shown.content) if form.method == "post"]
    return client.post(button.action or path, button.data)


def counted(client: Client, pledge: Any) -> dict[str, Any]:
    """Return the public count, brought up to date, as if the seconds that a process remembers it were over."""
    work()
    cached_responses.clear()
    answer: dict[str, Any] = client.get(f"/pledge/{pledge.uuid}/count.json").json()
    return answer


def sign_url(page: Any) -> str:
    """Return the address that the form of a signer-type page posts to."""
    return f"/pledge/{page.signer_type.pledge.uuid}/sign/{page.signer_type.uuid}/"


def fresh(page: Any, **values: str) -> dict[str, str]:
    """Return a complete POST with a genuine stamp, to a process that has taken signatures today."""
    day_key(utc_day(database_now()))
    statement = Statement.objects.filter(signer_type=page.signer_type).order_by("-number").first()
    return {"statement": statement.sha256, "stamp": issue_stamp(statement.sha256, database_now()), **values}


def signatures() -> Any:
    """Return all signatures."""
    return get_signature_model()._default_manager
