"""A signer who reads Spanish meets no English on the whole way."""

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
from wagtail_pledge.signing.messages import render_mail
from wagtail_pledge.testing.factories import SignatureFactory
from wagtail_pledge.treaties.display.facts import treaty_sentence
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.models import State, TreatyName
from wagtail_pledge.treaties.status import status_as_of

pytestmark = pytest.mark.django_db
CONVENTION = "la Convención sobre los Trabajadores Migratorios"


@pytest.fixture
def inicio(db: None) -> Any:
    """Return the home page in Spanish."""
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    return home().get_translation(spanish)


@pytest.fixture
def llamamiento(inicio: Any) -> PledgePage:
    page = PledgePage(
        title="Ratifiquen ya", slug="ratifiquen", statement="<p>Que ratifiquen.</p>", locale=inicio.locale
    )
    made: PledgePage = publish(inicio, page)
    return made


def _door(llamamiento: PledgePage, kind: str) -> SignerTypePage:
    page = SignerTypePage(title=f"Firmar {kind}", slug=kind, kind=kind, locale=llamamiento.locale)
    made: SignerTypePage = publish(llamamiento, page)
    return made


def _read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.requirement("CP3", "SG1")
@pytest.mark.parametrize("kind", ["individual", "organization"])
def test_the_pages_and_their_errors(client: Client, llamamiento: PledgePage, kind: str) -> None:
    page = _door(llamamiento, kind)
    html = _read(client, page.url)
    assert 'lang="es"' in html
    assert english_in(html) == english_in(_read(client, llamamiento.url)) == []
    form = sign_form_in(html)
    stamped = sign_form_in(client.post(form.action, form.data).content)
    answer = client.post(form.action, {**stamped.data, "email": "ana", "website": "::"})
    assert answer.status_code == 422
    errors = answer.content.decode()
    assert "Escriba su nombre completo" in errors
    assert "Revise el correo electrónico" in errors
    assert english_in(errors) == []


@pytest.mark.requirement("SG1", "SG2", "EM1")
def test_the_way_from_the_form_to_the_call(client: Client, llamamiento: PledgePage, person: dict[str, Any]) -> None:
    inbox = sign(client, _door(llamamiento, "individual").url, **person)
    assert english_in(_read(client, inbox.url)) == []
    work()
    (letter,) = mail.outbox
    assert letter.subject == "Falta un paso: confirme su firma en «Ratifiquen ya»"
    assert "Hola:" in letter.body
    assert english_in(str(letter.body)) == english_in(str(letter.alternatives[0].content)) == []
    shown = _read(client, confirm_path(person["email"]))
    assert "Confirme para sumar su nombre" in shown
    thanks = _read(client, confirm(client, person["email"]).url)
    assert "Su firma ya cuenta" in thanks
    assert english_in(shown) == english_in(thanks) == []


@pytest.mark.requirement("EM1")
@pytest.mark.parametrize("kind", ["confirm", "already_signed", "approved"])
def test_every_mail(kind: str, llamamiento: PledgePage) -> None:
    _door(llamamiento, "organization")
    signature = SignatureFactory(pledge=llamamiento.pledge, kind="organization", locale="es")
    with translation.override("es"):
        letter = render_mail(kind, signature, epoch=1)
    assert "Ratifiquen ya" in letter.subject
    assert english_in(letter.subject) == english_in(letter.text) == english_in(letter.html) == []


@pytest.mark.parametrize("state", sorted(set(PledgeState.values) - {"open"}))
def test_a_call_that_takes_no_names(client: Client, llamamiento: PledgePage, state: str) -> None:
    llamamiento.pledge.state = state
    llamamiento.pledge.save()
    assert english_in(_read(client, llamamiento.url)) == []


def test_the_guard_knows_english_when_it_sees_it(client: Client, campaign: PledgePage, individual: Any) -> None:
    assert "Enter your full name" not in english_in(_read(client, campaign.url))
    assert "Read the full statement" in english_in(_read(client, individual.url))


@pytest.mark.requirement("TR4")
def test_the_treaty_page(client: Client, inicio: Any) -> None:
    treaty = treaty_data.cmw()
    TreatyName.objects.create(treaty=treaty, language="es", name=CONVENTION, title="Convención Internacional")
    state = State.objects.get(key="USA")
    page = publish(inicio, TreatyStatusPage(title="Los Estados", treaty=treaty, spotlight=state, locale=inicio.locale))
    html = _read(client, page.url)
    assert f"Estados</span> son parte en {CONVENTION}" in html or f"Estados son parte en {CONVENTION}" in html
    assert "Ni ha firmado ni es parte" in html
    assert english_in(html) == []


@pytest.mark.requirement("TR5")
def test_the_sentence_of_a_treaty() -> None:
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
    assert treaty_data.brought_in(treaty, treaty_data.written(rows)).errors == ()
    with translation.override("es"):
        status = status_as_of(treaty, treaty_data.CMW_DAY)
        said = treaty_sentence(status, "el Pacto", ["VAT"])
        card = spotlight(status, "VAT", "el Pacto")
    assert said.endswith("1 Estado es parte en el Pacto: la Santa Sede; 1 más ha firmado sin ser parte.")
    assert card is not None
    assert card.text == "La Santa Sede es parte en el Pacto desde su adhesión, el 8 de marzo de 1999."
