"""Texts of signers are escaped and shown unchanged in pages, mails and the admin."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.campaigns.bad_inputs.payloads import FORMULAS, SCRIPTS, TEMPLATES, names
from tests.journey import confirm_all, fresh, signatures, submissions, submitted
from wagtail_pledge.signing.enums import MessageKind, Review
from wagtail_pledge.signing.messages import MailSubject, render_mail
from wagtail_pledge.signing.services import CONFIRM, MANAGE, approve, token_for

HARMLESS = "Ana Ruiz"
#: Mails about a form, and mails about a signature.
FORM_MAILS = (MessageKind.CONFIRM, MessageKind.REMINDER)
MAILS = (MessageKind.ALREADY_SIGNED, MessageKind.THANK_YOU, MessageKind.LINKS, MessageKind.APPROVED)
#: Attributes from which a browser loads or runs something.
ADDRESSES = frozenset({"href", "src", "action", "data", "formaction", "style", "content", "srcdoc"})


class Shape(HTMLParser):
    """Parsed page: ``tags`` with the names of their attributes, ``text``, and ``addresses`` that it refers to."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Any] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _value in attrs]))
        self.addresses += [value or "" for name, value in attrs if name in ADDRESSES]
        self.texts += [f" {value} " for name, value in attrs if name == "value"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!", data))


def form_endpoint(which: str, request: pytest.FixtureRequest) -> SignEndpoint:
    """Return the form endpoint of the signer type with this fixture name."""
    page = request.getfixturevalue(which)
    values = request.getfixturevalue("organization_form" if which == "organization" else "person")
    return SignEndpoint(page, values, as_json=False)


def form_data(endpoint: SignEndpoint, text: str, number: int) -> dict[str, str]:
    """Return form data with ``text`` in every free text field."""
    free = ("name", "city", "comment", "organization", "role")
    asked = {name: text for name in free if name in endpoint.values or name == "comment"}
    return {**asked, "city": text[:80], "email": f"p{number}@x.example"}


def form_mail(kind: MessageKind, submission: Any) -> Any:
    """Return a rendered mail about a submission."""
    return render_mail(kind, MailSubject(signature=submitted(pk=submission.pk), submission=submission))


def confirm_mail() -> Any:
    """Return the rendered confirmation mail of the only submission."""
    return form_mail(MessageKind.CONFIRM, submissions().get())


def pages_of(endpoint: SignEndpoint, text: str, number: int) -> dict[str, str]:
    """Sign and confirm with ``text``, and return every page and mail by name."""
    values, client, seen = form_data(endpoint, text, number), endpoint.client, {}
    answers = {"errors": endpoint.post(**{**values, "email": "nobody"})}
    answers["shown again"] = endpoint.send(fresh(endpoint.page, **{**endpoint.values, **values}, stamp=""))
    signed = endpoint.post(**values)
    assert signed.status_code == endpoint.accepted, text
    answers["inbox"] = client.get(signed.json()["inbox"] if endpoint.as_json else signed["Location"])
    submission = submissions().latest("created_at")
    path = reverse("wagtail_pledge:confirm", args=[token_for(CONFIRM, submission)])
    answers["button"] = client.get(path)
    answers["thanks"] = client.get(client.post(path)["Location"])
    answers["thanks again"] = Client().get(path)
    signature = signatures().latest("pk")
    if "organization" in signature.details:
        approve(signature)
    answers["manage"] = client.get(reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]))
    for name, answer in answers.items():
        if answer["Content-Type"].startswith("text/html"):
            seen[name] = answer.content.decode()
    about = MailSubject(signature=signature, signatures=[signature])
    mails = {kind: form_mail(kind, submission) for kind in FORM_MAILS}
    for kind, message in {**mails, **{kind: render_mail(kind, about) for kind in MAILS}}.items():
        assert text not in message.subject
        seen |= {f"{kind} html": message.html, f"{kind} text": message.text}
    return seen


def assert_escaped(endpoint: SignEndpoint, texts: list[str]) -> None:
    """Assert that ``texts`` change no tag or link of any page or mail, and are shown unchanged."""
    plain = {name: Shape(html) for name, html in pages_of(endpoint, HARMLESS, 0).items()}
    for number, text in enumerate(texts, start=1):
        pages = pages_of(endpoint, text, number)
        assert set(pages) == set(plain)
        for name, html in pages.items():
            if name.endswith(" text"):
                assert (text in html) is (HARMLESS in plain[name].text), (name, text)
                continue
            shape = Shape(html)
            assert shape.tags == plain[name].tags, (name, text)
            assert len(shape.addresses) == len(plain[name].addresses)
            assert not [a for a in shape.addresses if "//e.example" in a or "javascript:" in a], (name, text)
            assert (text in shape.text) is (HARMLESS in plain[name].text), (name, text)
        assert f"{MessageKind.ALREADY_SIGNED} text" in pages
        assert text in pages[f"{MessageKind.ALREADY_SIGNED} text"]


@pytest.mark.requirement("I10", "I11", "D4")
@pytest.mark.parametrize("which", ["individual", "organization"])
def test_markup_is_escaped_in_pages_and_mails(which: str, request: pytest.FixtureRequest) -> None:
    assert len(set(SCRIPTS)) == 40
    assert_escaped(form_endpoint(which, request), [*names(SCRIPTS), *names(TEMPLATES)])


@pytest.mark.requirement("I10", "I11", "D4")
@pytest.mark.parametrize("which", ["individual", "organization"])
def test_markup_sent_as_json_is_stored_and_escaped(which: str, request: pytest.FixtureRequest) -> None:
    endpoint = form_endpoint(which, request)
    endpoint = SignEndpoint(endpoint.page, endpoint.values, as_json=True)
    assert_escaped(endpoint, list(names(TEMPLATES)))
    for number, text in enumerate(names(SCRIPTS), start=100):
        answer = endpoint.post(**form_data(endpoint, text, number))
        assert answer.status_code == 202
        assert answer["Content-Type"] == "application/json"
        stored = submitted(pk=submissions().latest("created_at").pk)
        heading = stored.details["organization"] if which == "organization" else stored.details["comment"]
        assert (stored.name, heading, stored.details["city"]) == (text, text, text[:80].strip())


@pytest.mark.requirement("I10", "I11")
@pytest.mark.parametrize("text", [*names(SCRIPTS), *names(TEMPLATES)])
def test_a_suspicious_name_is_not_used_as_a_greeting(endpoint: SignEndpoint, settings: Any, text: str) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_GREETS_BY_NAME = True
    assert endpoint.post(**form_data(endpoint, text, 1)).status_code == endpoint.accepted
    message = confirm_mail()
    assert "Hello," in message.text
    assert "Hello," in message.html


@pytest.mark.parametrize("which", ["individual", "organization"])
@pytest.mark.requirement("I10", "I11", "I01", "I02")
def test_markup_is_escaped_in_the_admin(which: str, request: pytest.FixtureRequest) -> None:
    endpoint = form_endpoint(which, request)
    texts = [*names(SCRIPTS), *names(TEMPLATES), *(kept for _id, _typed, kept in FORMULAS[:4])]
    for number, text in enumerate(texts):
        assert endpoint.post(**form_data(endpoint, text, number)).status_code == 303
    confirm_all()
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    listing = Shape(client.get(reverse("wagtail_pledge_signatures:index")).content.decode())
    assert not [text for text in texts if text not in listing.text]
    rows = [(row.pk, row.name, row.review) for row in signatures().order_by("pk")]
    shapes: dict[str, list[Any]] = {Review.OK: [], Review.NEEDS_REVIEW: []}
    for pk, name, review in rows:
        shape = Shape(client.get(reverse("wagtail_pledge_signatures:inspect", args=[pk])).content.decode())
        assert name in shape.text
        shapes[review].append(shape.tags)
    details = {"organization": HARMLESS} if which == "organization" else {}
    for row in signatures().all():
        row.name, row.details = HARMLESS, details
        row.save()
    harmless = Shape(client.get(reverse("wagtail_pledge_signatures:index")).content.decode())
    assert listing.tags == harmless.tags
    # A name with a link is held for review, so its page has other buttons
    for alike in shapes.values():
        assert len(alike) > 1
        assert all(shape == alike[0] for shape in alike)


@pytest.mark.parametrize(
    ("typed_name", "kept"), [pytest.param(t, k, marks=pytest.mark.requirement(i)) for i, t, k in FORMULAS]
)
def test_a_formula_as_a_name_is_stored_unchanged(endpoint: SignEndpoint, typed_name: str, kept: str) -> None:
    """It is stored and shown as typed: not prefixed and not evaluated."""
    pages = pages_of(endpoint, typed_name, 1) if typed_name == kept else {}
    if not pages:
        assert endpoint.post(name=typed_name).status_code == endpoint.accepted
    stored = signatures().get() if pages else confirm_all()[0]
    assert stored.name == kept
    assert stored.review in {Review.OK, Review.NEEDS_REVIEW}
    for name in ("button", "manage", "thanks"):
        assert not pages or kept in Shape(pages[name]).text
    assert kept in render_mail(MessageKind.ALREADY_SIGNED, MailSubject(signature=stored)).text


@pytest.mark.parametrize(
    ("typed_name", "kept"), [pytest.param(t, k, marks=pytest.mark.requirement(i)) for i, t, k in FORMULAS]
)
def test_a_formula_as_an_organization_is_stored_unchanged(
    organization_endpoint: SignEndpoint, typed_name: str, kept: str
) -> None:
    assert organization_endpoint.post(organization=typed_name, role=kept).status_code == organization_endpoint.accepted
    stored = submitted()
    assert (stored.details["organization"], stored.details["role"]) == (kept, kept)


@pytest.mark.requirement("I55", "D4")
def test_texts_of_editors_are_not_run_as_templates(individual: Any, person: dict[str, str]) -> None:
    organization_form = "{{ signature.delete }} {% load x %} {settings.SECRET_KEY} %(name)s ${x.__class__} <b>Ana</b>"
    individual.confirmation_subject = individual.confirmation_text = organization_form
    individual.save_revision().publish()
    SignEndpoint(individual, person, as_json=False).post()
    message = confirm_mail()
    assert message.subject == organization_form
    assert organization_form in message.text
    assert organization_form in Shape(message.html).text
    assert "<b>Ana" not in message.html
    assert submissions().exists()
