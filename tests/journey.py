"""Steps of signing without JavaScript: form, mail, confirmation, count."""

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
from wagtail_pledge.signing import services
from wagtail_pledge.signing.abuse.networks import day_key
from wagtail_pledge.signing.models import Statement, Submission, get_signature_model
from wagtail_pledge.signing.services.payloads import build_signature, payload_of
from wagtail_pledge.signing.stamps import issue_stamp

CONFIRM_LINK: Final = re.compile(r"https?://\S+/confirm/[^\s\"<]+")


def work() -> None:
    """Run the worker once."""
    call_command("pledge_worker", "--once", verbosity=0)


def sign(client: Client, page_url: str, **values: str) -> Any:
    """Sign through the form on the page; return the response to the final POST.

    Without JavaScript there is no stamp: after the first POST the form is shown again with its values and a stamp.
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
    messages = [message for message in mail.outbox if message.to == [address]]
    assert messages, f"no mail to {address}; there are {[message.to for message in mail.outbox]}"
    found = CONFIRM_LINK.search(str(messages[-1].body))
    assert found, messages[-1].body
    return urlsplit(found[0]).path


def confirm(client: Client, address: str) -> Any:
    """Open the confirm link of the mail and post its form; return the response to the POST."""
    path = confirm_path(address)
    shown = client.get(path)
    assert shown.status_code == 200
    button = next(form for form in forms_in(shown.content) if form.method == "post")
    return client.post(button.action or path, button.data)


def counted(client: Client, pledge: Any) -> dict[str, Any]:
    """Return the current public count, with the worker run and the cache cleared."""
    work()
    cached_responses.clear()
    answer: dict[str, Any] = client.get(f"/pledge/{pledge.uuid}/count.json").json()
    return answer


def sign_url(page: Any) -> str:
    """Return the URL that the form of a signer-type page posts to."""
    return f"/pledge/{page.signer_type.pledge.uuid}/sign/{page.signer_type.uuid}/"


def fresh(page: Any, **values: str) -> dict[str, str]:
    """Return form data with a valid stamp. Creates the day's key first, as earlier signatures would have done."""
    day_key(utc_day(database_now()))
    statement = Statement.objects.filter(signer_type=page.signer_type).order_by("-number").first()
    return {"statement": statement.sha256, "stamp": issue_stamp(statement.sha256, database_now()), **values}


def signatures() -> Any:
    """Return all signatures: what was confirmed."""
    return get_signature_model()._default_manager


def submissions() -> Any:
    """Return all submissions: what was sent, whether confirmed or not."""
    return Submission.objects.select_related("statement__signer_type__pledge")


def submitted(**lookup: Any) -> Any:
    """Return the only submission (that matches) as the signature that it would become."""
    row = submissions().get(**lookup)
    payload = payload_of(row)
    assert payload is not None
    return build_signature(row.statement, payload, review=row.review, submitted_at=row.submitted_at)


def confirm_all() -> list[Any]:
    """Confirm every open submission, as their mailboxes' owners would; return the signatures."""
    confirmed = [services.confirm(row) for row in submissions().open().order_by("created_at")]
    return [one.signature for one in confirmed if one is not None]
