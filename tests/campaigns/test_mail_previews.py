"""Previews of mails in the preview panel of the page where their texts are edited."""

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
from tests.journey import confirm, sign, work
from tests.projects.campaign import home
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.pages.models import SignerTypePage
from wagtail_pledge.signing.messages import MAILS
from wagtail_pledge.signing.models import OutboxMessage, SignerType, get_signature_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7")]

MODES = {
    "mail_confirm": "Confirm your signature on “Ratify now”",
    "mail_reminder": "Reminder: confirm your signature on “Ratify now”",
    "mail_thank_you": "Thank you for signing “Ratify now”",
    "mail_already_signed": "Your signature on “Ratify now”",
    "mail_links": "Your signature on “Ratify now”",
    "mail_stopped": "We will not email you again",
    "mail_approved": "Your organization has signed “Ratify now”",
    "mail_rejected": "Your signature on “Ratify now”",
}
LABELS = {
    "mail_confirm": "Email: Please confirm",
    "mail_reminder": "Email: Reminder to confirm",
    "mail_thank_you": "Email: Thank you",
    "mail_already_signed": "Email: Already signed",
    "mail_links": "Email: Link to the signature",
    "mail_stopped": "Email: Emails stopped",
    "mail_approved": "Email: Signature approved",
    "mail_rejected": "Email: Signature rejected",
}
#: What each mail is about, where it does not quote the statement.
SUBJECTS = {"mail_links": "Ratify now", "mail_stopped": "no signature was added"}


class MailPreview:
    """Preview of a mail: subject, HTML in the frame, text."""

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


def test_every_mail_has_a_named_preview_mode(organization: SignerTypePage) -> None:
    named = {mode: str(label) for mode, label in organization.preview_modes if mode.startswith("mail_")}
    assert named == LABELS
    # Mails of other packages are previewed where their texts are edited
    assert {f"mail_{name}" for name, _render in message_kinds} == set(named)
    assert len(MAILS) == len(named)


@pytest.mark.parametrize("mode", MODES)
def test_a_preview_shows_subject_html_and_text(organization: SignerTypePage, mode: str) -> None:
    preview = MailPreview(organization, mode)
    assert preview.subject == MODES[mode]
    assert preview.html.lstrip().startswith("<!doctype html>")
    subject = SUBJECTS.get(mode, "We call on the United States to ratify.")
    assert subject in preview.html
    assert subject in preview.text
    assert "<" not in preview.text


def test_a_campaign_page_previews_the_mails_of_its_own_form(campaign: Any) -> None:
    modes = {mode for mode, _label in campaign.preview_modes}
    assert {mode for mode in modes if mode.startswith("mail_")} == set(MODES) - {"mail_approved", "mail_rejected"}
    preview = MailPreview(campaign, "mail_confirm")
    assert preview.subject == MODES["mail_confirm"]
    assert "We call on the United States to ratify." in preview.html


def test_without_approval_there_are_no_previews_of_decisions(individual: SignerTypePage, organization) -> None:
    assert set(MODES) - {mode for mode, _label in individual.preview_modes} == {"mail_approved", "mail_rejected"}
    SignerType.objects.filter(pk=individual.signer_type_id).update(approval_required=True)
    assert {"mail_approved", "mail_rejected"} <= set(dict(SignerTypePage.objects.get(pk=individual.pk).preview_modes))


@pytest.mark.parametrize("mode", ["mail_approved", "mail_approved.html", "mail_rejected", "mail_signed", "mail_"])
def test_an_unavailable_mode_shows_the_page(individual: SignerTypePage, organization, mode: str) -> None:
    assert "<h1>As an individual</h1>" in individual.make_preview_request(preview_mode=mode).content.decode()


def test_a_preview_shows_unsaved_texts(individual: SignerTypePage) -> None:
    individual.confirmation_subject = "Confirm <now>"
    individual.confirmation_text = "We go to the Senate in March."
    preview = MailPreview(individual, "mail_confirm")
    assert preview.subject == "Confirm <now>"
    assert "We go to the Senate in March." in preview.html
    assert "We go to the Senate in March." in preview.text
    assert SignerTypePage.objects.get().confirmation_text == ""
    # The subject only applies to the confirmation mail
    assert MailPreview(individual, "mail_reminder").subject == MODES["mail_reminder"]


def test_the_preview_frame_is_sandboxed(individual: SignerTypePage) -> None:
    individual.confirmation_text = '"></iframe><script>alert(1)</script>'
    preview = MailPreview(individual, "mail_confirm")
    assert preview.page.count("</iframe>") == 1
    policy = preview.frame["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'", "sandbox"} <= set(policy)
    assert "<script>alert" not in preview.page
    assert "<script>alert" not in preview.html


@pytest.mark.parametrize("mode", MODES)
def test_a_preview_reads_no_signature_and_writes_and_sends_nothing(
    client: Client, individual: SignerTypePage, organization: SignerTypePage, mode: str
) -> None:
    sign(client, individual.url, name="Quinta Canary", email="quinta@canary.example", country="US")
    work()
    confirm(client, "quinta@canary.example")
    work()
    sent, due = len(mail.outbox), OutboxMessage.objects.count()
    real = get_signature_model()._default_manager.get()
    with CaptureQueriesContext(connection) as captured:
        preview = MailPreview(organization, mode)
    for part in (preview.page, preview.html):
        assert "anary" not in part
        assert str(real.uuid) not in part
    assert [q["sql"] for q in captured if not q["sql"].startswith("SELECT")] == []
    assert get_signature_model()._meta.db_table not in " ".join(q["sql"] for q in captured)
    assert (len(mail.outbox), OutboxMessage.objects.count()) == (sent, due)
    assert get_signature_model()._default_manager.count() == 1


@pytest.mark.parametrize("mode", MODES)
def test_links_in_a_preview_do_not_work(client: Client, organization: SignerTypePage, mode: str) -> None:
    preview = MailPreview(organization, mode)
    links = set(re.findall(r"/pledge/(?:confirm|manage|not-me)/[^/\s\"]*/", preview.html + preview.text))
    assert links
    assert {link.split("/")[3] for link in links} == {"only-a-preview"}
    for link in links:
        assert "name=" not in client.get(link).content.decode().partition("<main")[2]


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("mode", MODES)
def test_a_preview_is_in_the_language_of_the_page(campaign: Any, individual: Any, organization: Any, mode: str) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    above = campaign.copy_for_translation(spanish)
    above.title, above.statement = "Ratifiquen ya", "<p>Que ratifiquen.</p>"
    above.save_revision().publish()
    page = organization.copy_for_translation(spanish)
    page.save_revision().publish()
    preview = MailPreview(page, mode)
    assert 'lang="es"' in preview.html
    assert mode in SUBJECTS or "Que ratifiquen." in preview.text
    assert english_in(preview.html) == []
    with translation.override("es"):
        assert preview.subject != MODES[mode]


def test_an_unsaved_page_previews_its_mails(campaign: Any) -> None:
    page = SignerTypePage(title="New", slug="new", kind="organization", locale=campaign.locale)
    page.set_url_path(campaign)
    page.path, page.depth = campaign.path + "0009", campaign.depth + 1
    assert MailPreview(page, "mail_approved").subject == MODES["mail_approved"]
    assert SignerType.objects.count() == 1


def test_a_page_of_a_removed_kind_previews_its_mails(individual: SignerTypePage) -> None:
    SignerType.objects.update(kind="robot")
    page = SignerTypePage.objects.get()
    page.kind = "robot"
    assert MailPreview(page, "mail_confirm").subject == MODES["mail_confirm"]


@pytest.mark.requirement("ED3")
@pytest.mark.parametrize("mode", ["mail_confirm", "mail_confirm.html"])
def test_previews_need_permission_to_edit_the_page(client: Client, individual: SignerTypePage, mode: str) -> None:
    url = f"/admin/pages/{individual.pk}/view_draft/?mode={mode}"
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create(username="boss", is_superuser=True))
    assert b"Confirm my name" in client.get(url).content
