"""Somebody else entered the address: at most one reminder, none of their input in the mail, and “not me”."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.signing.conftest import pass_time, person, sign_as, statement_to_sign, submission_of, submit_as
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import SignerType, Submission, Suppression, get_signature_model
from wagtail_pledge.signing.services import confirm, submit, token_for
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = pytest.mark.swappable

LINK = re.compile(r"https://pledge\.example(/pledge/not-me/[^\s?]+)")


def not_me_path() -> str:
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture(autouse=True)
def _reminders_on(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24


@pytest.mark.requirement("SG2", "EM1")
def test_one_reminder_is_sent_after_a_day_and_never_a_second(person_type: SignerType) -> None:
    submit_as(person_type, person())
    assert send_due() == 1
    assert Submission.objects.get().queue == MailQueue.REMINDERS
    pass_time(hours=23)
    assert send_due() == 0
    pass_time(hours=2)
    assert send_due() == 1
    assert mail.outbox[1].subject != mail.outbox[0].subject
    assert re.findall(r"\S+/confirm/\S+", str(mail.outbox[1].body)) == re.findall(
        r"\S+/confirm/\S+", str(mail.outbox[0].body)
    )
    submit(statement=statement_to_sign(person_type), data=person())
    assert send_due() == 1
    pass_time(hours=25)
    assert send_due() == 0


@pytest.mark.requirement("SG2")
def test_a_confirmed_signer_gets_no_reminder(person_type: SignerType) -> None:
    submission = submit_as(person_type, person())
    send_due()
    confirm(submission_of(submission.pk))
    send_due()
    mail.outbox.clear()
    pass_time(hours=25)
    assert send_due() == 0


@pytest.mark.requirement("SG6", "C5")
def test_a_held_form_gets_no_reminder(person_type: SignerType) -> None:
    submit_as(person_type, person(), signals=["fast"])
    assert send_due() == 1
    pass_time(hours=25)
    assert send_due() == 0


@pytest.mark.requirement("C5", "SG2")
def test_not_me_stops_all_mail_to_the_mailbox_for_a_year(client: Client, person_type: SignerType) -> None:
    submit_as(person_type, person("ana.b@gmail.com"))
    send_due()
    path = not_me_path()
    for method in (client.get, client.head, client.options):
        method(path)
    assert not Suppression.objects.exists()
    page = client.get(path)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies
    assert client.post(path).status_code == 303
    assert "We will not email you again" in client.get(path).content.decode()
    assert send_due() == 1
    assert mail.outbox[-1].subject == "We will not email you again"
    other = create_pledge("Another").signer_types.get()
    for spelling in ("a.n.a.b+x@googlemail.com", "ANAB@gmail.com"):
        submit(statement=statement_to_sign(other), data=person(spelling))
    pass_time(days=1)
    client.post(path)
    assert send_due() == 0
    assert len(mail.outbox) == 2
    pass_time(days=365)
    submit(statement=statement_to_sign(other), data=person("anab@gmail.com"))
    assert send_due() == 1


@pytest.mark.requirement("C5", "E20")
def test_not_me_ends_the_open_forms_of_the_mailbox_on_all_pledges(client: Client, person_type: SignerType) -> None:
    other = create_pledge("Another").signer_types.get()
    for signer_type in (person_type, other):
        submit_as(signer_type, person("ana@example.org"))
    stranger = submit_as(person_type, person("b@example.org"))
    send_due()
    mine = Submission.objects.exclude(pk=stranger.pk)
    client.post(f"/pledge/not-me/{token_for(NOT_ME, mine[0])}/")
    assert set(mine.values_list("end_reason", flat=True)) == {SubmissionEnd.NOT_ME}
    assert all(confirm(submission_of(row.pk)) is None for row in mine)
    assert submission_of(stranger.pk).ended_at is None


@pytest.mark.requirement("C5", "E20")
@pytest.mark.parametrize("where", ["mail", "page"])
def test_not_me_can_be_undone_and_revives_nothing(client: Client, person_type: SignerType, where: str) -> None:
    submission = submit_as(person_type, person())
    send_due()
    path = not_me_path()
    client.post(path)
    if where == "mail":
        send_due()
        undo = not_me_path()
    else:
        found = re.search(r'href="(/pledge/not-me/[^"]+)"', client.get(path).content.decode())
        assert found
        undo = found[1]
    assert undo != path
    assert "Allow emails" in client.get(undo).content.decode()
    assert Suppression.objects.exists()
    assert client.post(undo).status_code == 303
    assert not Suppression.objects.exists()
    assert "We can email you again" in client.get(undo).content.decode()
    assert confirm(submission_of(submission.pk)) is None
    mail.outbox.clear()
    submit_as(person_type, person())
    pass_time(minutes=20)
    send_due()
    assert "/pledge/confirm/" in mail.outbox[-1].body


@pytest.mark.requirement("C5", "E20")
def test_stopping_after_an_undo_mails_a_new_undo_link_within_the_budget(
    client: Client, person_type: SignerType
) -> None:
    submit_as(person_type, person())
    send_due()
    path, links = not_me_path(), []
    for _time in range(2):
        client.post(path)
        assert send_due() == 1
        assert mail.outbox[-1].subject == "We will not email you again"
        links.append(not_me_path())
        client.post(links[-1])
    assert links[0] != links[1]
    assert not Suppression.objects.exists()
    client.post(path)
    assert send_due() == 0


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("browser", ["es", "en"])
def test_the_undo_page_of_a_mail_in_the_default_language_is_in_that_language(
    client: Client, person_type: SignerType, browser: str
) -> None:
    submission = submit_as(person_type, person(), locale="en")
    path = f"/pledge/not-me/{token_for(NOT_ME, submission)}/"
    client.post(path)
    send_due()
    assert '<html lang="en"' in client.get(not_me_path(), headers={"accept-language": browser}).content.decode()


@pytest.mark.requirement("RE5")
def test_undoing_stays_in_the_language_of_the_form(client: Client, person_type: SignerType) -> None:
    submission = submit_as(person_type, person(), locale="es")
    path = f"/pledge/not-me/{token_for(NOT_ME, submission)}/"
    client.post(path)
    found = re.search(r'href="(/pledge/not-me/[^"]+)"', client.get(path).content.decode())
    assert found
    assert '<html lang="es"' in client.get(found[1]).content.decode()
    done = client.post(found[1])["Location"]
    assert '<html lang="es"' in client.get(done).content.decode()
    assert not Suppression.objects.exists()


@pytest.mark.requirement("E20")
@pytest.mark.parametrize("address", ["ana@example.org", "Ana@example.org"])
def test_send_me_no_more_after_confirming_leads_to_the_signature(
    client: Client, person_type: SignerType, address: str
) -> None:
    sign_as(person_type, person("ana@example.org"))
    path = f"/pledge/not-me/{token_for(NOT_ME, submit_as(person_type, person(address)))}/"
    page = client.get(path).content.decode()
    # The link into a signature goes to its own address only
    assert ("/pledge/manage/" in page) is (address == "ana@example.org")
    assert "/link/" in page or "/pledge/manage/" in page
    client.post(path)
    assert not Suppression.objects.exists()
    assert get_signature_model()._default_manager.confirmed().count() == 1


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize(
    ("token", "shown", "posted"),
    [("x", 200, 303), ("../../etc", 404, 404), pytest.param("a" * 4096, 200, 303, id="long"), ("%00", 200, 303)],
)
def test_an_invalid_token_suppresses_nobody(client: Client, db: None, token: str, shown: int, posted: int) -> None:
    assert client.get(f"/pledge/not-me/{token}/").status_code == shown
    assert client.post(f"/pledge/not-me/{token}/").status_code == posted
    assert not Suppression.objects.exists()


@pytest.mark.requirement("C8")
def test_a_not_me_token_is_not_valid_for_other_links(client: Client, person_type: SignerType) -> None:
    submit_as(person_type, person())
    send_due()
    token = not_me_path().rstrip("/").rpartition("/")[2]
    client.post(f"/pledge/confirm/{token}/")
    client.post(f"/pledge/manage/{token}/", {"action": "withdraw"})
    assert not person_type.pledge.events.exists()


@pytest.mark.requirement("C5", "D3")
def test_a_mail_to_an_unconfirmed_mailbox_contains_no_user_input(person_type: SignerType) -> None:
    submit_as(person_type, person(name="Cheap Pills"))
    send_due()
    assert "Cheap" not in f"{mail.outbox[0].body}{mail.outbox[0].alternatives[0].content}"


@pytest.mark.requirement("C5", "D3")
@pytest.mark.parametrize(("name", "greeting"), [("Ana López", "Hello Ana,"), ("evil.example now", "Hello,")])
def test_a_site_can_greet_by_first_name_unless_it_is_a_web_address(
    person_type: SignerType, settings: Settings, name: str, greeting: str
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_GREETS_BY_NAME = True
    submit_as(person_type, person(name=name))
    send_due()
    assert greeting in str(mail.outbox[-1].body)
