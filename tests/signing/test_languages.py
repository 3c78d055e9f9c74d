"""Signers are written to in their language, and numbers have their words in Arabic, which has six forms for them."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation
from pytest_django import Settings

from tests.signing.conftest import organization, person, statement_to_sign
from tests.signing.worker.test_mail import wait
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.messages import render_mail
from wagtail_pledge.signing.models import SignerType, get_signature_model
from wagtail_pledge.signing.services import confirm, sign
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = pytest.mark.requirement("RE5")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0,), "شخص"),
        ((1,), "شخص"),
        ((2,), "شخصان"),
        ((3, 7, 10, 103, 1010), "أشخاص"),
        ((11, 50, 99, 111, 1099), "شخصًا"),
        ((100, 101, 102, 200, 1000, 1_000_000), "شخص"),
    ],
)
def test_arabic_has_a_word_for_each_number(numbers: tuple[int, ...], words: str) -> None:
    with translation.override("ar"):
        assert {get_kind("individual").counted(number) for number in numbers} == {words}


def _letters() -> list[mail.EmailMessage]:
    """What the worker sends now, whatever language it happens to speak."""
    mail.outbox.clear()
    with translation.override("en"):
        send_due()
    return list(mail.outbox)


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("es", "ltr"), ("ar", "rtl")])
def test_every_mail_is_in_the_signers_language(
    person_type: SignerType, organization_type: SignerType, settings: Settings, locale: str, direction: str
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    sign(statement=statement_to_sign(person_type, locale=locale), data=person())
    sent = _letters()
    wait(16)
    sent += _letters()
    wait(16)
    signature = get_signature_model()._default_manager.get()
    confirm(signature, epoch=1)
    sign(statement=statement_to_sign(person_type, locale=locale), data=person())
    sent += _letters()
    sign(statement=statement_to_sign(organization_type, locale=locale), data=organization())
    sent += _letters()
    assert [letter.to for letter in sent] == [["ana@example.org"]] * 3 + [["rep@casa.example"]]
    assert len({letter.subject for letter in sent[:3]}) == 3
    with translation.override(locale):
        sent_text = render_mail("approved", get_signature_model()._default_manager.get(kind="organization"), epoch=1)
    assert f'<html lang="{locale}" dir="{direction}">' in sent_text.html
    for letter in sent:
        html = str(letter.alternatives[0].content)
        assert f'<html lang="{locale}" dir="{direction}">' in html
        with translation.override(locale):
            assert translation.gettext("Hello,").rstrip(",:،") in str(letter.body)
