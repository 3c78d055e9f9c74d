"""Pages and mails in Spanish contain no untranslated English."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from wagtail.models import Locale

from tests.catalogues import english_in
from tests.forms import sign_form_in
from tests.journey import confirm, confirm_path, sign, work
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, SignerTypePage, TreatyStatusPage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.messages import MailSubject, render_mail
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory
from wagtail_pledge.treaties.display.facts import treaty_sentence
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.models import State, TreatyName
from wagtail_pledge.treaties.status import status_as_of

pytestmark = pytest.mark.django_db
CONVENTION = "la Convención sobre los Trabajadores Migratorios"


@pytest.fixture
def spanish_home(db: None) -> Any:
    """Return the Spanish home page."""
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    return home().get_translation(spanish)


@pytest.fixture
def spanish_campaign(spanish_home: Any) -> PledgePage:
    page = PledgePage(
        title="Ratifiquen ya", slug="ratifiquen", statement="<p>Que ratifiquen.</p>", locale=spanish_home.locale
    )
    made: PledgePage = publish(spanish_home, page)
    return made


def _signer_type_page(spanish_campaign: PledgePage, kind: str) -> SignerTypePage:
    page = SignerTypePage(title=f"Firmar {kind}", slug=kind, kind=kind, locale=spanish_campaign.locale)
    made: SignerTypePage = publish(spanish_campaign, page)
    return made


def _read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.requirement("CP3", "SG1")
@pytest.mark.parametrize("kind", ["individual", "organization"])
def test_form_pages_and_their_errors(client: Client, spanish_campaign: PledgePage, kind: str) -> None:
    page = _signer_type_page(spanish_campaign, kind)
    html = _read(client, page.url)
    assert 'lang="es"' in html
    assert english_in(html) == english_in(_read(client, spanish_campaign.url)) == []
    form = sign_form_in(html)
    stamped = sign_form_in(client.post(form.action, form.data).content)
    answer = client.post(form.action, {**stamped.data, "email": "ana", "website": "::"})
    assert answer.status_code == 422
    errors = answer.content.decode()
    assert "Escriba su nombre completo" in errors
    assert "Revise el correo electrónico" in errors
    assert english_in(errors) == []


@pytest.mark.requirement("SG1", "SG2", "EM1")
def test_inbox_page_mail_confirm_and_thank_you_page(
    client: Client, spanish_campaign: PledgePage, person: dict[str, Any]
) -> None:
    inbox = sign(client, _signer_type_page(spanish_campaign, "individual").url, **person)
    assert english_in(_read(client, inbox.url)) == []
    work()
    (message,) = mail.outbox
    assert message.subject == "Falta un paso: confirme su firma en «Ratifiquen ya»"
    assert "Hola:" in message.body
    assert english_in(str(message.body)) == english_in(str(message.alternatives[0].content)) == []
    shown = _read(client, confirm_path(person["email"]))
    assert "Confirme para sumar su nombre" in shown
    thanks = _read(client, confirm(client, person["email"]).url)
    assert "Su firma ya cuenta" in thanks
    assert english_in(shown) == english_in(thanks) == []


@pytest.mark.requirement("EM1")
@pytest.mark.parametrize("kind", ["confirm", "thank_you", "already_signed", "links", "stopped", "approved"])
def test_mails(kind: str, spanish_campaign: PledgePage) -> None:
    _signer_type_page(spanish_campaign, "organization")
    signature = SignatureFactory(pledge=spanish_campaign.pledge, kind="organization", locale="es")
    subject = MailSubject(signature=signature, signatures=[signature])
    if kind in {"confirm", "stopped"}:
        submission = SubmissionFactory(pledge=spanish_campaign.pledge, kind="organization", locale="es")
        suppression = suppress("ana@example.org") if kind == "stopped" else None
        subject = MailSubject(signature=signature, submission=submission, suppression=suppression)
    with translation.override("es"):
        message = render_mail(kind, subject)
    assert kind == "stopped" or "Ratifiquen ya" in message.subject
    assert english_in(message.subject) == english_in(message.text) == english_in(message.html) == []


@pytest.mark.parametrize("state", sorted(set(PledgeState.values) - {"open"}))
def test_a_campaign_that_is_not_open(client: Client, spanish_campaign: PledgePage, state: str) -> None:
    spanish_campaign.pledge.state = state
    spanish_campaign.pledge.save()
    assert english_in(_read(client, spanish_campaign.url)) == []


def test_untranslated_english_is_found(client: Client, campaign: PledgePage, individual: Any) -> None:
    assert "Enter your full name" not in english_in(_read(client, campaign.url))
    assert "Why are you signing? (optional)" in english_in(_read(client, individual.url))


@pytest.mark.requirement("TR4")
def test_treaty_status_page(client: Client, spanish_home: Any) -> None:
    treaty = treaty_data.cmw()
    TreatyName.objects.create(treaty=treaty, language="es", name=CONVENTION, title="Convención Internacional")
    state = State.objects.get(key="USA")
    page = publish(
        spanish_home, TreatyStatusPage(title="Los Estados", treaty=treaty, spotlight=state, locale=spanish_home.locale)
    )
    html = _read(client, page.url)
    assert f"Estados</span> son parte en {CONVENTION}" in html or f"Estados son parte en {CONVENTION}" in html
    assert "Ni ha firmado ni es parte" in html
    assert english_in(html) == []


@pytest.mark.requirement("TR5")
def test_treaty_sentence() -> None:
    treaty = treaty_data.cmw()
    with translation.override("es"):
        status = status_as_of(treaty, treaty_data.CMW_DAY)
        assert treaty_sentence(status, CONVENTION, ["MEX", "PHL"]) == (
            f"Al 3 de febrero de 2026, 60 Estados son parte en {CONVENTION}, entre ellos México y Filipinas;"
            " 11 más han firmado sin ser parte."
        )
        assert "entre ellos México e Indonesia;" in treaty_sentence(status, CONVENTION, ["MEX", "IDN"])


@pytest.mark.requirement("TR5")
def test_one_party_and_one_signatory() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("ccpr")
    rows = [
        treaty_data.row("VAT", "Holy See", action="accession", action_date="1999-03-08", status="party"),
        treaty_data.row("USA", "United States of America", signature_date="1998-02-01", status="signatory"),
    ]
    assert treaty_data.import_csv(treaty, treaty_data.written(rows)).errors == ()
    with translation.override("es"):
        status = status_as_of(treaty, treaty_data.CMW_DAY)
        sentence = treaty_sentence(status, "el Pacto", ["VAT"])
        card = spotlight(status, "VAT", "el Pacto")
    assert sentence.endswith("1 Estado es parte en el Pacto: la Santa Sede; 1 más ha firmado sin ser parte.")
    assert card is not None
    assert card.text == "La Santa Sede es parte en el Pacto desde su adhesión, el 8 de marzo de 1999."
