"""A campaign translated with wagtail-localize: one pledge, one count, the texts in each language."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, TestCase
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.fields import get_translatable_fields
from wagtail_localize.models import OverridableSegment, StringSegment, StringTranslation, Translation, TranslationSource

from tests import journey
from tests.projects.campaign import home, publish_campaign
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.models import Pledge, SignerType, Statement

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE5")]

GONE = {"type": "gone", "value": {"heading": "Kept"}, "id": "g1"}
SHARE = {"type": "share", "value": {"heading": "Tell others", "text": "", "message": ""}, "id": "s1"}
FACT = '<embed embedtype="pledge-treaty-fact" treaty="cmw" fact="number_parties"/>'
STORY = {"type": "rich_text", "value": f"<p>So far {FACT} States.</p>", "id": "r1"}
QUESTION = {
    "type": "choose_one",
    "value": {
        "label": "What matters?",
        "hint": "",
        "slug": "matters",
        "choices": [
            {"type": "item", "value": {"label": "Fair work", "value": "work"}, "id": "c1"},
            {"type": "item", "value": {"label": "A home", "value": "home"}, "id": "c2"},
        ],
    },
    "id": "q1",
}


@pytest.fixture
def spanish(db: None) -> Locale:
    locale, _made = Locale.objects.get_or_create(language_code="es")
    if not home().get_translations().filter(locale=locale).exists():
        home().copy_for_translation(locale).save_revision().publish()
    return locale


@pytest.fixture
def english(spanish: Locale) -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(
        title="Ratify now",
        slug="ratify",
        lead="Sixty States have joined.",
        statement="<p>We call on you to ratify.</p>",
    )
    page.body = PledgePage._meta.get_field("body").to_python([GONE, SHARE, STORY])
    campaign, sign_page = publish_campaign(page, SignerTypePage)
    sign_page.questions = SignerTypePage._meta.get_field("questions").to_python([QUESTION])
    sign_page.consent_sign = "I add my name."
    sign_page.save_revision().publish()
    return campaign, SignerTypePage.objects.get(pk=sign_page.pk)


def translate(page: Page, locale: Locale, strings: dict[str, str]) -> Any:
    """Translate the page with these strings and publish it, as the editor's view does."""
    source, _made = TranslationSource.update_or_create_from_instance(page)
    translation, _made = Translation.objects.get_or_create(source=source, target_locale=locale)
    segments = {segment.string.data: segment for segment in StringSegment.objects.filter(source=source)}
    missing = set(strings) - set(segments)
    assert not missing, f"not offered for translation: {missing}; there are {sorted(segments)}"
    for text, translated in strings.items():
        segment = segments[text]
        StringTranslation.objects.create(
            translation_of=segment.string, context=segment.context, locale=locale, data=translated
        )
    with TestCase.captureOnCommitCallbacks(execute=True):  # it publishes after the transaction
        translation.save_target(publish=True)
    return translation.get_target_instance()


CAMPAIGN_STRINGS = {
    "Ratify now": "Ratifiquen ya",
    "We call on you to ratify.": "Les pedimos que ratifiquen.",
    "Tell others": "Cuéntelo",
}
SIGNER_TYPE_STRINGS = {
    "Sign as yourself": "Firme a título personal",
    "What matters?": "¿Qué importa?",
    "Fair work": "Trabajo digno",
    "A home": "Un hogar",
    "I add my name.": "Añado mi nombre.",
}


@pytest.fixture
def translated(english: Any, spanish: Locale) -> tuple[Any, Any]:
    campaign, sign_page = english
    made = translate(campaign, spanish, CAMPAIGN_STRINGS), translate(sign_page, spanish, SIGNER_TYPE_STRINGS)
    return PledgePage.objects.get(pk=made[0].pk), SignerTypePage.objects.get(pk=made[1].pk)


def test_a_translation_shares_pledge_and_signer_type(english: Any, translated: Any) -> None:
    assert translated[0].pledge_id == english[0].pledge_id
    assert translated[1].signer_type_id == english[1].signer_type_id
    assert (Pledge.objects.count(), SignerType.objects.count()) == (1, 1)


@pytest.mark.requirement("CP7")
def test_optional_fields_are_the_same_in_every_language(english: Any, spanish: Locale) -> None:
    campaign, sign_page = english
    campaign.optional_fields, sign_page.optional_fields = {"city": "left_out"}, {"comment": "left_out"}
    for page in english:
        page.save_revision().publish()
    made = translate(campaign, spanish, CAMPAIGN_STRINGS), translate(sign_page, spanish, SIGNER_TYPE_STRINGS)
    assert [page.optional_fields for page in made] == [{"city": "left_out"}, {"comment": "left_out"}]
    statement = Statement.objects.current().get(signer_type=sign_page.signer_type, locale="es")
    assert statement.optional_fields == {"city": "left_out", "comment": "left_out"}


def test_texts_are_translated_and_other_values_are_copied(client: Client, translated: Any) -> None:
    campaign, sign_page = translated
    assert campaign.locale.language_code == "es"
    assert (campaign.title, campaign.statement) == ("Ratifiquen ya", "<p>Les pedimos que ratifiquen.</p>")
    raw = PledgePage._meta.get_field("body").get_prep_value(campaign.body)
    assert [block["type"] for block in raw] == ["gone", "share", "rich_text"]
    assert raw[0] == GONE
    assert raw[1]["value"]["heading"] == "Cuéntelo"
    assert 'embedtype="pledge-treaty-fact"' in raw[2]["value"]
    assert (sign_page.title, sign_page.kind) == ("Firme a título personal", "individual")
    html = client.get(campaign.url).content.decode()
    assert "Les pedimos que ratifiquen." in html
    assert "Cuéntelo" in html


def test_questions_keep_their_names_in_every_language(translated: Any) -> None:
    (question,) = translated[1].questions
    assert question.value["label"] == "¿Qué importa?"
    assert question.value["slug"] == "matters"
    assert [(one["label"], one["value"]) for one in question.value["choices"]] == [
        ("Trabajo digno", "work"),
        ("Un hogar", "home"),
    ]


def test_publishing_a_translation_creates_a_statement_in_its_language(translated: Any) -> None:
    newest = Statement.objects.filter(locale="es").order_by("-number").first()
    assert newest.text == "<p>Les pedimos que ratifiquen.</p>"
    assert newest.consent["sign"] == "Añado mi nombre."
    assert newest.questions[0]["choices"] == [["work", "Trabajo digno"], ["home", "Un hogar"]]
    english = Statement.objects.filter(locale="en").order_by("-number").first()
    assert english.text == "<p>We call on you to ratify.</p>"


def test_both_languages_share_one_count(client: Client, english: Any, translated: Any) -> None:
    for number, page in enumerate((english[1], translated[1])):
        person = {"name": "Ana María López", "email": f"ana{number}@example.org", "country": "US"}
        assert journey.sign(client, page.url, **person).status_code == 303
        journey.work()
        assert journey.confirm(client, person["email"]).status_code == 303
    assert journey.counted(client, english[0].pledge)["total"] == 2
    assert {row.locale for row in journey.signatures().all()} == {"en", "es"}


def test_a_changed_statement_can_be_translated_again(english: Any, translated: Any, spanish: Locale) -> None:
    campaign = english[0]
    campaign.statement = "<p>We call on you to ratify this year.</p>"
    campaign.save_revision().publish()
    before = Statement.objects.filter(locale="es").count()
    page = translate(campaign, spanish, {"We call on you to ratify this year.": "Les pedimos que ratifiquen este año."})
    assert page.pledge_id == campaign.pledge_id
    assert Statement.objects.filter(locale="es").count() == before + 1
    assert Statement.objects.filter(locale="es").order_by("-pk").first().text.endswith("este año.</p>")


def test_references_kinds_and_slugs_are_not_translatable(english: Any, translated: Any) -> None:
    fields = {field.field_name: field for field in get_translatable_fields(SignerTypePage)}
    assert "signer_type" not in fields
    assert not fields["kind"].is_translated(english[1])
    assert not fields["kind"].is_overridable(english[1])
    assert "pledge" not in {field.field_name for field in get_translatable_fields(PledgePage)}
    offered = {one.string.data for one in StringSegment.objects.all()}
    offered |= {str(one.data_json) for one in OverridableSegment.objects.all()}
    assert not offered & {"matters", "work", "home"}
    assert not StringSegment.objects.filter(context__path="kind").exists()


@pytest.mark.parametrize("number", [0, 1], ids=["campaign", "signer type"])
def test_the_editor_of_a_translation_opens(client: Client, translated: Any, number: int) -> None:
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    assert client.get(reverse("wagtailadmin_pages:edit", args=[translated[number].pk])).status_code == 200
