"""Whatever a signer types is shown as it was typed: in pages, mails and the admin, by either endpoint."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.campaigns.bad_inputs.payloads import FORMULAS, SCRIPTS, TEMPLATES, names
from tests.journey import fresh, signatures
from wagtail_pledge.signing.enums import MessageKind, Review
from wagtail_pledge.signing.messages import render_mail
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services import CONFIRM, MANAGE, approve, token_for

HARMLESS = "Ana Ruiz"
MAILS = (MessageKind.CONFIRM, MessageKind.REMINDER, MessageKind.ALREADY_SIGNED, MessageKind.APPROVED)
#: Where a browser would fetch something from, or run it.
ADDRESSES = frozenset({"href", "src", "action", "data", "formaction", "style", "content", "srcdoc"})


class Shape(HTMLParser):
    """A page taken apart: ``tags`` with their attributes' names, ``text``, ``addresses``."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Any] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _value in attrs]))
        self.addresses += [value or "" for name, value in attrs if name in ADDRESSES]
        self.words += [f" {value} " for name, value in attrs if name == "value"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!", data))


def form_endpoint(which: str, request: pytest.FixtureRequest) -> SignEndpoint:
    """Return the form of the signer type with this fixture."""
    page = request.getfixturevalue(which)
    values = request.getfixturevalue("words" if which == "organization" else "person")
    return SignEndpoint(page, values, as_json=False)


def typed(endpoint: SignEndpoint, text: str, number: int) -> dict[str, str]:
    """Return ``text`` in every field that takes any text."""
    free = ("name", "city", "comment", "organization", "role")
    asked = {name: text for name in free if name in endpoint.values or name == "comment"}
    return {**asked, "city": text[:80], "email": f"p{number}@x.example"}


def pages_of(endpoint: SignEndpoint, text: str, number: int) -> dict[str, str]:
    """Sign with ``text``, go the whole way, and return every page and mail that it led to."""
    values, client, seen = typed(endpoint, text, number), endpoint.client, {}
    answers = {"errors": endpoint.post(**{**values, "email": "nobody"})}
    answers["asked again"] = endpoint.send(fresh(endpoint.page, **{**endpoint.values, **values}, stamp=""))
    signed = endpoint.post(**values)
    assert signed.status_code == endpoint.accepted, text
    answers["inbox"] = client.get(signed.json()["inbox"] if endpoint.as_json else signed["Location"])
    signature = signatures().latest("pk")
    path = reverse("wagtail_pledge:confirm", args=[token_for(CONFIRM, signature)])
    answers["button"] = client.get(path)
    answers["thanks"] = client.get(client.post(path)["Location"])
    answers["thanks again"] = client.get(path)
    signature.refresh_from_db()
    if "organization" in signature.details:
        approve(signature)
    answers["manage"] = client.get(reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]))
    for name, answer in answers.items():
        if answer["Content-Type"].startswith("text/html"):
            seen[name] = answer.content.decode()
    for kind in MAILS:
        letter = render_mail(kind, signature, epoch=1)
        assert text not in letter.subject
        seen |= {f"{kind} html": letter.html, f"{kind} text": letter.text}
    return seen


def check(endpoint: SignEndpoint, texts: list[str]) -> None:
    """Show that no page or mail changes its shape or leads elsewhere, and that the text is there to read."""
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
def test_a_text_is_a_text_wherever_a_signer_is_shown(which: str, request: pytest.FixtureRequest) -> None:
    assert len(set(SCRIPTS)) == 40
    check(form_endpoint(which, request), [*names(SCRIPTS), *names(TEMPLATES)])


@pytest.mark.requirement("I10", "I11", "D4")
@pytest.mark.parametrize("which", ["individual", "organization"])
def test_the_json_door_keeps_the_same_texts(which: str, request: pytest.FixtureRequest) -> None:
    endpoint = form_endpoint(which, request)
    endpoint = SignEndpoint(endpoint.page, endpoint.values, as_json=True)
    check(endpoint, list(names(TEMPLATES)))
    for number, text in enumerate(names(SCRIPTS), start=100):
        answer = endpoint.post(**typed(endpoint, text, number))
        assert answer.status_code == 202
        assert answer["Content-Type"] == "application/json"
        stored = signatures().latest("pk")
        heading = stored.details["organization"] if which == "organization" else stored.details["comment"]
        assert (stored.name, heading, stored.details["city"]) == (text, text, text[:80].strip())


@pytest.mark.requirement("I10", "I11")
def test_a_name_that_no_letter_may_greet_stays_out_of_a_mail_to_strangers(
    endpoint: SignEndpoint, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_GREETS_BY_NAME = True
    for number, text in enumerate((*names(SCRIPTS), *names(TEMPLATES))):
        endpoint.post(**typed(endpoint, text, number))
        letter = render_mail(MessageKind.CONFIRM, signatures().latest("pk"), epoch=1)
        assert "Hello," in letter.text
        assert "Hello," in letter.html


@pytest.mark.parametrize("which", ["individual", "organization"])
@pytest.mark.requirement("I10", "I11", "I01", "I02")
def test_staff_read_what_was_typed(which: str, request: pytest.FixtureRequest) -> None:
    endpoint = form_endpoint(which, request)
    texts = [*names(SCRIPTS), *names(TEMPLATES), *(kept for _id, _typed, kept in FORMULAS[:4])]
    for number, text in enumerate(texts):
        assert endpoint.post(**typed(endpoint, text, number)).status_code == 303
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    listing = Shape(client.get(reverse("wagtail_pledge_signatures:index")).content.decode())
    assert not [text for text in texts if text not in listing.text]
    rows = [(row.pk, row.name) for row in signatures().order_by("pk")]
    shapes = []
    for pk, name in rows:
        shape = Shape(client.get(reverse("wagtail_pledge_signatures:inspect", args=[pk])).content.decode())
        assert name in shape.text
        shapes.append(shape.tags)
    details = {"organization": HARMLESS} if which == "organization" else {}
    signatures().update(name=HARMLESS, details=details)
    harmless = Shape(client.get(reverse("wagtail_pledge_signatures:index")).content.decode())
    assert listing.tags == harmless.tags
    assert all(shape == shapes[0] for shape in shapes)


@pytest.mark.parametrize(
    ("typed_name", "kept"), [pytest.param(t, k, marks=pytest.mark.requirement(i)) for i, t, k in FORMULAS]
)
def test_a_formula_is_a_name_like_any_other(endpoint: SignEndpoint, typed_name: str, kept: str) -> None:
    """Kept as it was typed, shown as it was typed; nothing stands before it and nothing is worked out."""
    pages = pages_of(endpoint, typed_name, 1) if typed_name == kept else {}
    if not pages:
        assert endpoint.post(name=typed_name).status_code == endpoint.accepted
    stored = get_signature_model()._default_manager.get()
    assert stored.name == kept
    assert stored.review in {Review.OK, Review.NEEDS_REVIEW}
    assert (stored.review == Review.NEEDS_REVIEW) is bool(OutboxMessage.objects.get().signals)
    for name in ("button", "manage", "thanks"):
        assert not pages or kept in Shape(pages[name]).text
    assert kept in render_mail(MessageKind.ALREADY_SIGNED, stored, epoch=1).text


@pytest.mark.parametrize(
    ("typed_name", "kept"), [pytest.param(t, k, marks=pytest.mark.requirement(i)) for i, t, k in FORMULAS]
)
def test_a_formula_is_an_organization_like_any_other(
    organization_endpoint: SignEndpoint, typed_name: str, kept: str
) -> None:
    assert organization_endpoint.post(organization=typed_name, role=kept).status_code == organization_endpoint.accepted
    stored = get_signature_model()._default_manager.get()
    assert (stored.details["organization"], stored.details["role"]) == (kept, kept)


@pytest.mark.requirement("I55", "D4")
def test_an_editors_words_are_no_template(individual: Any, person: dict[str, str]) -> None:
    organization_form = "{{ signature.delete }} {% load x %} {settings.SECRET_KEY} %(name)s ${x.__class__} <b>Ana</b>"
    individual.confirmation_subject = individual.confirmation_text = organization_form
    individual.save_revision().publish()
    SignEndpoint(individual, person, as_json=False).post()
    letter = render_mail(MessageKind.CONFIRM, signatures().get(), epoch=1)
    assert letter.subject == organization_form
    assert organization_form in letter.text
    assert organization_form in Shape(letter.html).text
    assert "<b>Ana" not in letter.html
    assert signatures().exists()
