"""Every mail in the preview panel of the page where its words are edited."""

from __future__ import annotations

import html as html_module
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale

from tests.catalogues import english_in
from tests.journey import sign, work
from tests.projects.campaign import home
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.pages.models import SignerTypePage
from wagtail_pledge.signing.messages import MAILS
from wagtail_pledge.signing.models import OutboxMessage, SignerType, get_signature_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7")]

MODES = {
    "mail_confirm": "Confirm your signature on “Ratify now”",
    "mail_reminder": "Reminder: confirm your signature on “Ratify now”",
    "mail_already_signed": "Your signature on “Ratify now”",
    "mail_approved": "Your organization has signed “Ratify now”",
    "mail_refused": "Your signature on “Ratify now”",
}
LABELS = {
    "mail_confirm": "Email: Please confirm",
    "mail_reminder": "Email: Reminder to confirm",
    "mail_already_signed": "Email: Already signed",
    "mail_approved": "Email: Signature approved",
    "mail_refused": "Email: Signature rejected",
}


class Shown:
    """A previewed mail: subject, the document in the frame, text."""

    def __init__(self, page: Any, mode: str) -> None:
        response = page.make_preview_request(preview_mode=mode)
        assert response.status_code == 200
        self.page = response.content.decode()
        found = {
            part: re.search(pattern, self.page, re.DOTALL)
            for part, pattern in (
                ("subject", r"<h1[^>]*>(.*?)</h1>"),
                ("source", r'<iframe sandbox title="[^"]*" src="\?mode=([^"]*)"></iframe>'),
                ("text", r"<pre[^>]*>(.*?)</pre>"),
            )
        }
        values = {part: html_module.unescape(match.group(1)) for part, match in found.items() if match}
        self.subject, self.text = values["subject"], values["text"]
        self.frame = page.make_preview_request(preview_mode=values["source"])
        self.html = self.frame.content.decode()


def test_every_mail_has_a_mode_with_a_name(organization: SignerTypePage) -> None:
    named = {mode: str(label) for mode, label in organization.preview_modes if mode.startswith("mail_")}
    assert named == LABELS
    # What another room can say is previewed where that room's words are edited
    assert {f"mail_{name}" for name, _render in message_kinds} == set(named)
    assert len(MAILS) == len(named)


@pytest.mark.parametrize("mode", MODES)
def test_it_shows_subject_html_and_text(organization: SignerTypePage, mode: str) -> None:
    shown = Shown(organization, mode)
    assert shown.subject == MODES[mode]
    assert shown.html.lstrip().startswith("<!doctype html>")
    assert "We call on the United States to ratify." in shown.html
    assert "We call on the United States to ratify." in shown.text
    assert "<" not in shown.text


def test_the_mails_of_a_campaigns_own_form_are_previewed_on_its_page(campaign: Any) -> None:
    modes = {mode for mode, _label in campaign.preview_modes}
    assert {mode for mode in modes if mode.startswith("mail_")} == set(MODES) - {"mail_approved", "mail_refused"}
    shown = Shown(campaign, "mail_confirm")
    assert shown.subject == MODES["mail_confirm"]
    assert "We call on the United States to ratify." in shown.html


def test_where_nobody_approves_there_is_no_mail_about_it(individual: SignerTypePage, organization) -> None:
    assert set(MODES) - {mode for mode, _label in individual.preview_modes} == {"mail_approved", "mail_refused"}
    for mode in ("mail_approved", "mail_approved.html", "mail_refused", "mail_signed", "mail_"):
        assert "<h1>As an individual</h1>" in individual.make_preview_request(preview_mode=mode).content.decode()
    SignerType.objects.filter(pk=individual.signer_type_id).update(approval_required=True)
    assert {"mail_approved", "mail_refused"} <= set(dict(SignerTypePage.objects.get(pk=individual.pk).preview_modes))


def test_the_words_on_the_screen_are_those_of_the_mail(individual: SignerTypePage) -> None:
    individual.confirmation_subject = "Confirm <now>"
    individual.confirmation_text = "We go to the Senate in March."
    shown = Shown(individual, "mail_confirm")
    assert shown.subject == "Confirm <now>"
    assert "We go to the Senate in March." in shown.html
    assert "We go to the Senate in March." in shown.text
    assert SignerTypePage.objects.get().confirmation_text == ""
    # The subject is the confirmation's alone
    assert Shown(individual, "mail_reminder").subject == MODES["mail_reminder"]


def test_nothing_in_the_frame_runs_or_leaves_it(individual: SignerTypePage) -> None:
    individual.confirmation_text = '"></iframe><script>alert(1)</script>'
    shown = Shown(individual, "mail_confirm")
    assert shown.page.count("</iframe>") == 1
    policy = shown.frame["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'", "sandbox"} <= set(policy)
    assert "<script>alert" not in shown.page
    assert "<script>alert" not in shown.html


@pytest.mark.parametrize("mode", MODES)
def test_it_holds_no_signers_data_writes_nothing_and_sends_nothing(
    client: Client, individual: SignerTypePage, organization: SignerTypePage, mode: str
) -> None:
    sign(client, individual.url, name="Quinta Canary", email="quinta@canary.example", country="US")
    work()
    sent, due = len(mail.outbox), OutboxMessage.objects.count()
    real = get_signature_model()._default_manager.get()
    with CaptureQueriesContext(connection) as captured:
        shown = Shown(organization, mode)
    for part in (shown.page, shown.html):
        assert "anary" not in part
        assert str(real.uuid) not in part
    assert [q["sql"] for q in captured if not q["sql"].startswith("SELECT")] == []
    assert get_signature_model()._meta.db_table not in " ".join(q["sql"] for q in captured)
    assert (len(mail.outbox), OutboxMessage.objects.count()) == (sent, due)
    assert get_signature_model()._default_manager.count() == 1


@pytest.mark.parametrize("mode", MODES)
def test_its_links_open_nothing(client: Client, organization: SignerTypePage, mode: str) -> None:
    shown = Shown(organization, mode)
    links = set(re.findall(r"/pledge/(?:confirm|manage|not-me)/[^/\s\"]*/", shown.html + shown.text))
    assert links
    assert {link.split("/")[3] for link in links} == {"only-a-preview"}
    for link in links:
        assert "name=" not in client.get(link).content.decode().partition("<main")[2]


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("mode", MODES)
def test_each_language_shows_its_own(campaign: Any, individual: Any, organization: Any, mode: str) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    above = campaign.copy_for_translation(spanish)
    above.title, above.statement = "Ratifiquen ya", "<p>Que ratifiquen.</p>"
    above.save_revision().publish()
    page = organization.copy_for_translation(spanish)
    page.save_revision().publish()
    shown = Shown(page, mode)
    assert 'lang="es"' in shown.html
    assert "Que ratifiquen." in shown.text
    assert english_in(shown.html) == []
    with translation.override("es"):
        assert shown.subject != MODES[mode]


def test_a_page_that_was_never_saved_shows_its_mails(campaign: Any) -> None:
    page = SignerTypePage(title="New", slug="new", kind="organization", locale=campaign.locale)
    page.set_url_path(campaign)
    page.path, page.depth = campaign.path + "0009", campaign.depth + 1
    assert Shown(page, "mail_approved").subject == MODES["mail_approved"]
    assert SignerType.objects.count() == 1


def test_a_retired_kind_still_shows_its_mails(individual: SignerTypePage) -> None:
    SignerType.objects.update(kind="robot")
    page = SignerTypePage.objects.get()
    page.kind = "robot"
    assert Shown(page, "mail_confirm").subject == MODES["mail_confirm"]


@pytest.mark.requirement("ED3")
def test_who_may_not_edit_the_page_previews_nothing(client: Client, individual: SignerTypePage) -> None:
    stranger = User.objects.create_user("stranger")
    for mode in ("mail_confirm", "mail_confirm.html"):
        url = f"/admin/pages/{individual.pk}/view_draft/?mode={mode}"
        client.logout()
        assert client.get(url).status_code == 302
        client.force_login(stranger)
        assert client.get(url).status_code == 302
        client.force_login(User.objects.get_or_create(username="boss", is_superuser=True)[0])
        assert b"Confirm my name" in client.get(url).content
