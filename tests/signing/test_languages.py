"""Mails are in the signer's language; Arabic uses its six plural forms."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation
from pytest_django import Settings

from tests.signing.conftest import organization, pass_time, person, statement_to_sign, submission_of
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.messages import MailSubject, render_mail
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import confirm, submit
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = pytest.mark.requirement("RE5")


@pytest.mark.parametrize(
    ("numbers", "plural_form"),
    [
        ((0,), "شخص"),
        ((1,), "شخص"),
        ((2,), "شخصان"),
        ((3, 7, 10, 103, 1010), "أشخاص"),
        ((11, 50, 99, 111, 1099), "شخصًا"),
        ((100, 101, 102, 200, 1000, 1_000_000), "شخص"),
    ],
)
def test_arabic_uses_the_plural_form_for_each_number(numbers: tuple[int, ...], plural_form: str) -> None:
    with translation.override("ar"):
        assert {get_kind("individual").counted(number) for number in numbers} == {plural_form}


def _send_mails() -> list[mail.EmailMessage]:
    """Return the mails sent now, while another language is active."""
    mail.outbox.clear()
    with translation.override("en"):
        send_due()
    return list(mail.outbox)


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("es", "ltr"), ("ar", "rtl")])
def test_every_mail_is_in_the_signers_language(
    person_type: SignerType, organization_type: SignerType, settings: Settings, locale: str, direction: str
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    submission = submit(statement=statement_to_sign(person_type, locale=locale), data=person())
    sent = _send_mails()
    pass_time(hours=25)
    sent += _send_mails()
    confirm(submission_of(submission.id))
    sent += _send_mails()
    pass_time(hours=1)
    submit(statement=statement_to_sign(person_type, locale=locale), data=person())
    sent += _send_mails()
    other = submit(statement=statement_to_sign(organization_type, locale=locale), data=organization())
    sent += _send_mails()
    assert [email.to for email in sent] == [["ana@example.org"]] * 4 + [["rep@casa.example"]]
    assert len({email.subject for email in sent[:4]}) == 4
    approved = confirm(submission_of(other.id)).signature
    with translation.override(locale):
        sent_text = render_mail("approved", MailSubject(signature=approved))
    assert f'<html lang="{locale}" dir="{direction}">' in sent_text.html
    for email in sent:
        html = str(email.alternatives[0].content)
        assert f'<html lang="{locale}" dir="{direction}">' in html
        with translation.override(locale):
            assert translation.gettext("Hello,").rstrip(",:،") in str(email.body)
