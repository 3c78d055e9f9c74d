"""The fields of both forms: order, labels, hints, attributes and error messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.forms import Select
from django.test import Client
from pytest_django.asserts import assertHTMLEqual

from tests.journey import fresh, sign_url
from wagtail_pledge.blocks.questions import QuestionsBlock
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.form_fields import CountrySelect
from wagtail_pledge.signing.forms import HONEYPOT

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X1", "X3", "SG1")]

#: Attributes that control the on-screen keyboard and autofill.
ATTRIBUTES: Final = ("type", "inputmode", "autocomplete", "autocapitalize", "spellcheck", "dir", "placeholder")
EMAIL_EMPTY: Final = "Enter your email address, like name@example.org"
EMAIL_WRONG: Final = "Check the email address: it needs an @ and a domain, like name@example.org"
WEB_WRONG: Final = "Enter a web address, like https://example.org"


@dataclass(frozen=True)
class Row:
    """One field: label, hint, element, attributes and pairs of wrong value and error message."""

    name: str
    label: str
    hint: str = ""
    tag: str = "input"
    attributes: str = "type=text"
    wrong: tuple[tuple[str, str], ...] = ()


def too_long(limit: int) -> tuple[str, str]:
    return "x" * (limit + 1), f"This must be {limit} characters or fewer. You have entered {limit + 1}"


NAME: Final = "type=text autocomplete={} spellcheck=false"
PLAIN_TEXT: Final = "autocapitalize=off spellcheck=false"
INDIVIDUAL: Final = (
    Row("name", "Full name", "", "input", NAME.format("name"), (("", "Enter your full name"), too_long(120))),
    Row(
        "email",
        "Email",
        "We email you to confirm. Never shown.",
        "input",
        f"type=email inputmode=email autocomplete=email {PLAIN_TEXT}",
        (("", EMAIL_EMPTY), ("ana", EMAIL_WRONG), ("ana@localhost", EMAIL_WRONG)),
    ),
    Row("country", "Country", "", "select", "autocomplete=country", (("", "Choose your country"),)),
    Row("display", "Public name", "", "select", ""),
    Row(
        "postal_code",
        "ZIP or postal code (optional)",
        "",
        "input",
        "type=text autocomplete=postal-code spellcheck=false",
        (too_long(16),),
    ),
    Row("city", "City or town (optional)", "", "input", "type=text autocomplete=address-level2", (too_long(80),)),
    Row(
        "comment",
        "Why are you signing? (optional)",
        "Only the campaign’s team reads this.",
        "textarea",
        "dir=auto",
        (("x" * 301, "Your reason must be 280 characters or fewer. You have entered 301"),),
    ),
    Row(
        "updates", "Email me updates about this campaign. I can unsubscribe at any time.", "", "input", "type=checkbox"
    ),
)
ORGANIZATION: Final = (
    Row(
        "authorized",
        "I am authorized to sign this statement for the organization named below.",
        "",
        "input",
        "type=checkbox",
        (("", "Confirm that you are authorized to sign for the organization"),),
    ),
    Row(
        "organization",
        "Organization name",
        "",
        "input",
        NAME.format("organization"),
        (("", "Enter the organization’s name"), too_long(120)),
    ),
    Row(
        "website",
        "Website (optional)",
        "",
        "input",
        "type=url autocomplete=url placeholder=https://",
        (("not a site", WEB_WRONG),),
    ),
    Row("country", "Country", "", "select", "autocomplete=country", (("", "Choose the organization’s country"),)),
    Row("city", "City or town (optional)", "", "input", "type=text autocomplete=address-level2", (too_long(80),)),
    Row(
        "name",
        "Your full name",
        "We keep this as a record of who signed. We never show it.",
        "input",
        NAME.format("name"),
        (("", "Enter your full name"), too_long(120)),
    ),
    Row(
        "role",
        "Your role",
        "",
        "input",
        "type=text autocomplete=organization-title",
        (("", "Enter your role, like executive director"), too_long(120)),
    ),
    Row(
        "email",
        "Work email",
        "If you can, use an address at your organization’s domain. We never show it.",
        "input",
        f"type=email inputmode=email autocomplete=email {PLAIN_TEXT}",
        (("", EMAIL_EMPTY), ("rosa", EMAIL_WRONG)),
    ),
    Row("display", "How your organization appears", "", "fieldset", "type=radio"),
    Row("updates", "You can contact us about this campaign.", "", "input", "type=checkbox"),
)
FORMS: Final = {"individual": INDIVIDUAL, "organization": ORGANIZATION}
#: A field ends where the next one, or the honeypot after the last, begins.
NEXT: Final = r'<(?:fieldset|div) (?:id="[^"]*" )?class="pledge-(?:field|trap)[ "]'
FIELD: Final = re.compile(
    rf'<(?:fieldset id="sign-\w+"|div) class="pledge-field(?=[ "])[^>]*>.*?(?={NEXT})',
    re.DOTALL,
)
CONTROL: Final = re.compile(r"<(input|select|textarea)\b([^>]*)>")
TEXTS: Final = {
    "label": re.compile(r"<(?:legend|label for=[^>]+)>(?:<input[^>]*>)?\s*(?:<span>)?([^<]+)<"),
    "hidden label": re.compile(r'<label for="[^"]+" class="pledge-hidden">([^<]+)<'),
    "hint": re.compile(r'<p class="pledge-hint"[^>]*>([^<]+)<'),
}
WRONG: Final = [(kind, row, case) for kind, rows in FORMS.items() for row in rows for case in row.wrong]


def text_in(part: str, what: str) -> str:
    found = TEXTS[what].search(part)
    return found[1] if found else ""


def row_of(part: str) -> Row:
    """Return the field in this part of the page."""
    control = CONTROL.search(part)
    assert control, part
    given = dict(re.findall(r'([\w-]+)="([^"]*)"', control[2]))
    attributes = " ".join(f"{name}={given[name]}" for name in ATTRIBUTES if name in given)
    tag = "fieldset" if part.startswith("<fieldset") else control[1]
    label = text_in(part, "label") or text_in(part, "hidden label")
    return Row(given["name"], label, text_in(part, "hint"), tag, attributes)


@pytest.fixture
def page(request: pytest.FixtureRequest, kind: str) -> Any:
    return request.getfixturevalue(kind)


@pytest.mark.parametrize("kind", FORMS)
def test_each_form_has_these_fields_in_this_order(client: Client, page: Any, kind: str) -> None:
    rows = [row_of(part) for part in FIELD.findall(client.get(page.url).content.decode())]
    assert rows == [Row(row.name, row.label, row.hint, row.tag, row.attributes) for row in FORMS[kind]]


@pytest.mark.parametrize(
    ("kind", "row", "case"), WRONG, ids=[f"{kind}-{row.name}-{case[0][:9]}" for kind, row, case in WRONG]
)
def test_error_messages_are_shown_in_the_summary_and_at_the_field(
    client: Client, page: Any, row: Row, case: tuple[str, str]
) -> None:
    typed, message = case
    html = client.post(sign_url(page), fresh(page, **{row.name: typed})).content.decode()
    assert f'<li><a href="#sign-{row.name}">{message}</a></li>' in html
    assert f'<p class="pledge-error" id="sign-{row.name}_error">{message}</p>' in html


class TestComment:
    def test_it_has_a_visible_and_a_hidden_label(self, client: Client, individual) -> None:
        html = client.get(individual.url).content.decode()
        assert "<summary>Why are you signing? (optional)</summary>" in html
        assert '<label for="sign-comment" class="pledge-hidden">Why are you signing? (optional)</label>' in html
        assert html.count("pledge-hidden") == 1

    def test_its_length_is_counted_as_the_browser_does_and_not_cut(self, client: Client, individual, person) -> None:
        html = client.get(individual.url).content.decode()
        (area,) = re.findall(r"<textarea[^>]+>", html)
        assert 'data-counter="280"' in area
        assert "maxlength" not in area
        lines = "\r\n".join(["x" * 139] * 2) + "\r\n"
        long = fresh(individual, **{**person, "comment": f"{lines}y"})
        assert "You have entered 281" in client.post(sign_url(individual), long).content.decode()
        assert client.post(sign_url(individual), {**long, "comment": lines}).status_code == 303

    def test_the_counter_texts_have_all_plural_forms(self, client: Client, individual) -> None:
        (area,) = re.findall(r"<textarea[^>]+>", client.get(individual.url).content.decode())
        assert 'data-left="{count} characters left|{count} character left"' in area
        assert 'data-over="{count} characters too many|{count} character too many"' in area


@pytest.mark.requirement("SG9")
class TestQuestions:
    @pytest.fixture
    def question_page(self, individual: Any) -> Any:
        asked = [
            {"type": name, "value": {"label": f"Ask {name}", "required": True, **more}}
            for name, more in {
                "checkbox": {},
                "long_text": {},
                "choose_many": {"choices": [{"label": "Work"}, {"label": "Home"}]},
                "yes_no": {},
            }.items()
        ]
        individual.questions = QuestionsBlock().to_python(asked)
        individual.full_clean()
        individual.save_revision().publish()
        return individual

    def test_a_checkbox_question_looks_like_other_checkboxes(self, client: Client, question_page) -> None:
        html = client.get(question_page.url).content.decode()
        boxes = re.findall(r'<div class="pledge-field pledge-check pledge-field--(\w+)">', html)
        assert boxes == ["updates", "q_ask_checkbox"]
        assert re.search(r'<label for="sign-q_ask_checkbox"><input type="checkbox"[^>]+> <span>Ask checkbox<', html)

    def test_a_long_text_is_counted_and_not_cut(self, client: Client, question_page) -> None:
        area = re.findall(r"<textarea[^>]+>", client.get(question_page.url).content.decode())[1]
        assert 'data-counter="500"' in area
        assert 'data-left="{count} characters left|' in area
        assert "maxlength" not in area

    def test_the_error_summary_links_to_focusable_elements(self, client: Client, question_page, person) -> None:
        html = client.post(sign_url(question_page), fresh(question_page, **{**person, "display": "x"})).content.decode()
        summary = html.partition('id="sign-errors"')[2].partition("</ul>")[0]
        targets = re.findall(r'href="#([^"]+)"', summary)
        assert targets == [
            *("sign-display", "sign-q_ask_checkbox", "sign-q_ask_long_text"),
            *("sign-q_ask_choose_many_0", "sign-q_ask_yes_no_0"),
        ]
        for target in targets:
            assert re.search(rf'<(?:input|select|textarea)[^>]* id="{target}"', html), target


def test_the_honeypot_is_not_a_visible_field(client: Client, individual) -> None:
    html = client.get(individual.url).content.decode()
    assert f'name="{HONEYPOT}"' in html
    assert HONEYPOT not in [row_of(part).name for part in FIELD.findall(html)]


@pytest.mark.parametrize("selected", ["", "MX", "XX", None])
@pytest.mark.parametrize("first", ["", "US"])
def test_the_countries_are_drawn_as_django_draws_a_select(selected: str | None, first: str) -> None:
    choices = [("", "Choose…"), *country_choices(first), ("ZZ", "<b>&</b>")]
    attributes = {"autocomplete": "country", "disabled": True, "hidden": False, "title": '"<'}
    ours, djangos = (cls(attributes, choices) for cls in (CountrySelect, Select))
    more = {"id": "sign-country", "aria-describedby": "hint"}
    drawn = ours.render("country", selected, more)
    # HTML parsers close an option at the next one; Django's does not
    closed = re.sub(r"(<option [^>]*>[^<]*)\n", r"\1</option>\n", drawn)
    assertHTMLEqual(closed, djangos.render("country", selected, more))
    assert ours.render("country", selected, more) == drawn
