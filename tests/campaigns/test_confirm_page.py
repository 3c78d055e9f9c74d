"""The page of the confirm link: exactly what will be signed, and the owner of the mailbox decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.forms import HtmlForm, forms_in
from tests.journey import fresh, sign_url, signatures, submissions, work
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.services import CONFIRM, freeze_statement, token_for
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E3", "SG2")]


def path_of(submission: Any) -> str:
    return f"/pledge/confirm/{token_for(CONFIRM, submission)}/"


def send(individual: Any, values: dict[str, str], **changed: str) -> Any:
    """Send a form and let its mail leave; return the submission."""
    known = set(submissions().values_list("pk", flat=True))
    assert Client().post(sign_url(individual), fresh(individual, **{**values, **changed})).status_code == 303
    made = submissions().exclude(pk__in=known)
    made.update(mailed_at=database_now(), used_at=database_now())
    return made.get()


def forms_on(client: Client, path: str) -> list[HtmlForm]:
    return [form for form in forms_in(client.get(path).content) if form.method == "post"]


def test_every_value_is_shown_and_nothing_becomes_a_link(client: Client, individual: Any, person: Any) -> None:
    values = {"city": "Oakland", "comment": "See https://spam.example/x now", "display": "name_place", "updates": "on"}
    html = client.get(path_of(send(individual, person, **values))).content.decode()
    for shown in (person["name"], person["email"], "Oakland", "See https://spam.example/x now"):
        assert shown in html
    assert 'href="https://spam.example' not in html
    assert "We call on the United States to ratify." in html


def test_the_choices_of_the_form_are_preselected_and_count_as_pressed(
    client: Client, individual: Any, person: Any
) -> None:
    path = path_of(send(individual, person, display="name", updates="on"))
    (form,) = forms_on(client, path)
    assert (form.data["display"], form.data["updates"]) == ("name", "yes")
    pressed = {name: value for name, value in form.data.items() if name != "updates"}
    client.post(path, {**pressed, "display": "hidden"})
    signature = signatures().get()
    assert (signature.display, signature.consent_updates, signature.public_name) == ("hidden", False, "")


@pytest.mark.requirement("E10")
@pytest.mark.parametrize(
    ("updates", "consent"), [("yes", True), ("on", True), ("1", True), ("no", False), ("off", False), ("", False)]
)
def test_consent_is_an_exact_yes(client: Client, individual: Any, person: Any, updates: str, consent: bool) -> None:
    path = path_of(send(individual, person, updates="on"))
    assert client.post(path, {"updates": updates}).status_code == 303
    assert signatures().get().consent_updates is consent


@pytest.mark.requirement("E10")
@pytest.mark.parametrize("sent", [{"updates": "maybe"}, {"display": "everything"}, {"partner": "x"}])
def test_a_choice_that_is_not_offered_is_an_error_and_the_form_stays_open(
    client: Client, individual: Any, person: Any, sent: dict[str, str]
) -> None:
    path = path_of(send(individual, person))
    assert client.post(path, sent).status_code == 422
    assert not signatures().exists()
    assert client.post(path).status_code == 303


def test_forms_that_differ_leave_the_choice_to_the_owner(client: Client, individual: Any, person: Any) -> None:
    stranger = send(individual, person, name="Ana L.", display="name_place", updates="on")
    owner = send(individual, person, display="hidden")
    path = path_of(stranger)
    form, other = forms_on(client, path)
    assert "submission" not in form.data
    assert (form.data["display"], form.data.get("updates")) == ("hidden", None)
    assert other.names >= {"end"}
    assert client.post(path, form.data).status_code == 422
    assert client.post(path, {**form.data, "submission": owner.pk.hex}).status_code == 303
    signature = signatures().get()
    assert (signature.name, signature.display, signature.consent_updates) == (person["name"], "hidden", False)
    assert person["name"] in client.get(path).content.decode()
    assert submissions().filter(ended_at=None).count() == 0


def test_a_form_of_somebody_else_can_not_be_chosen_or_ended(client: Client, individual: Any, person: Any) -> None:
    own = send(individual, person)
    foreign = send(individual, person, email="eva@example.org", name="Eva")
    path = path_of(own)
    assert client.post(path, {"submission": foreign.pk.hex}).status_code == 422
    client.post(path, {"end": foreign.pk.hex})
    assert submissions().get(pk=foreign.pk).ended_at is None
    assert not signatures().exists()


def test_i_did_not_send_these_ends_several(client: Client, individual: Any, person: Any) -> None:
    own = send(individual, person)
    others = [send(individual, person, name=name) for name in ("B B", "C C")]
    path = path_of(own)
    answer = client.post(path, {"end": ["", *(other.pk.hex for other in others)]})
    assert answer.status_code == 303
    assert "We removed the forms that you did not send." in client.get(answer["Location"]).content.decode()
    assert {submissions().get(pk=other.pk).end_reason for other in others} == {"not_me"}
    assert client.post(path).status_code == 303
    assert signatures().get().name == person["name"]


def test_i_did_not_send_these_with_nothing_ticked_is_an_error_and_confirms_nothing(
    client: Client, individual: Any, person: Any
) -> None:
    own = send(individual, person)
    SubmissionFactory(signer_type=individual.signer_type, pledge=individual.signer_type.pledge, email=person["email"])
    path = path_of(own)
    _confirming, ending = forms_on(client, path)
    answer = client.post(path, ending.data)
    assert answer.status_code == 422
    assert "Tick each form that you did not send." in answer.content.decode()
    assert "<title>Error:" in answer.content.decode()
    assert not signatures().exists()
    assert submissions().filter(ended_at=None).count() == 2


def test_a_form_for_another_text_shows_its_own_text(
    client: Client, campaign: Any, individual: Any, person: Any
) -> None:
    first = send(individual, person, name="Ana L.")
    campaign.statement = "<p>We call on the Senate instead.</p>"
    campaign.save_revision().publish()
    second = send(individual, person)
    for own in (first, second):
        html = client.get(path_of(own)).content.decode()
        assert html.count("<p>We call on the United States to ratify.</p>") == 1
        assert html.count("<p>We call on the Senate instead.</p>") == 1
        # Each form has its text, and none is said to be signed whichever is chosen
        assert html.count("It was sent for this text:") == 2
        assert html.count('lang="en" dir="auto"') == 2
        assert "You are signing" not in html


def test_opening_the_page_confirms_nothing_and_hides_what_came_after_its_mail(
    client: Client, individual: Any, person: Any
) -> None:
    own = send(individual, person)
    later = SubmissionFactory(
        signer_type=individual.signer_type,
        pledge=individual.signer_type.pledge,
        name="Later Name",
        email="ana@example.org",
    )
    html = client.get(path_of(own)).content.decode()
    assert "Later Name" not in html
    assert "United States" in html
    client.get(path_of(later))
    assert "Later Name" in client.get(path_of(own)).content.decode()
    assert not signatures().exists()


@pytest.mark.requirement("E1", "E20")
@pytest.mark.parametrize(("typed", "opens"), [("ab@gmail.com", True), ("a.b@gmail.com", False)])
def test_a_page_reached_under_another_spelling_never_opens_the_signature(
    client: Client, individual: Any, typed: str, opens: bool
) -> None:
    pledge = individual.signer_type.pledge
    SignatureFactory(pledge=pledge, signer_type=individual.signer_type, name="Ana Bell", email="ab@gmail.com")
    html = client.get(path_of(SubmissionFactory(pledge=pledge, signer_type=individual.signer_type, email=typed)))
    shown = html.content.decode()
    assert "has already been used to sign" in shown
    assert ("/pledge/manage/" in shown) is opens
    assert "Ana Bell" not in shown


@pytest.mark.requirement("E6")
def test_the_pages_say_when_details_are_deleted_and_do_not_claim_that_mail_was_sent(
    client: Client, individual: Any, person: Any
) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    html = client.get(inbox).content.decode()
    assert "We will send an email to" in html
    assert "We sent" not in html
    assert "If you do not confirm within 14 days, we will delete your details." in html
    work()
    assert client.get(inbox).content.decode() == html


def test_the_own_form_comes_first_and_the_others_are_collapsed(client: Client, individual: Any, person: Any) -> None:
    own = send(individual, person, city="Ownville")
    send(individual, person, city="Otherville")
    html = client.get(path_of(own)).content.decode()
    before, _summary, collapsed = html.partition("What this form says")
    assert "Ownville" in before
    assert "Otherville" not in before
    assert "Otherville" in collapsed
    assert before.endswith('<details class="pledge-more"><summary>')


def test_a_form_for_another_text_shows_its_text(client: Client, individual: Any, person: Any) -> None:
    own = send(individual, person)
    assert "It was sent for this text" not in client.get(path_of(own)).content.decode()
    signer_type = individual.signer_type
    statement = freeze_statement(signer_type=signer_type, locale="en", text="<p>Abolish it.</p>", consent={})
    SubmissionFactory(
        pledge=signer_type.pledge,
        signer_type=signer_type,
        statement=statement,
        email=person["email"],
        used_at=database_now(),
    )
    html = client.get(path_of(own)).content.decode()
    assert "It was sent for this text" in html
    assert "Abolish it." in html


def test_more_than_five_others_are_a_number(client: Client, individual: Any, person: Any) -> None:
    own = send(individual, person)
    for letter in "BCDEFGH":
        send(individual, person, name=f"Name {letter}")
    html = client.get(path_of(own)).content.decode()
    assert "2 more" in html
    assert "Name H" in html
    assert "Name B" not in html
    assert "Name C" not in html
