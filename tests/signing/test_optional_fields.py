"""Optional form fields: the editors' choice, stored with the statement."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.forms import sign_form_class
from wagtail_pledge.signing.kinds import (
    FieldSwitch,
    FieldType,
    SignerField,
    SignerKind,
    get_kind,
    kinds,
    resolve_optional_fields,
)
from wagtail_pledge.signing.kinds.optional_fields import configurable_fields
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.models.statement import statement_digest
from wagtail_pledge.signing.services import find_statement, freeze_statement

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7")]

PERSON = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
ORGANIZATION = {
    "organization": "Casa del Pueblo",
    "country": "US",
    "name": "Rosa Ruiz",
    "role": "Director",
    "email": "rosa@casa.example",
    "authorized": "on",
}
EVERYTHING = {
    "postal_code": "94612",
    "city": "Oakland",
    "display": "name_place",
    "comment": "For my mother",
    "updates": "on",
    "website": "https://casa.example",
}
MEANING = {"individual": ("display", "postal_code", "city", "comment", "updates")}
MEANING["organization"] = ("website", "city", "display", "updates")
SWITCHES = [(kind, field) for kind, fields in MEANING.items() for field in fields]


def form_of(kind: str, optional_fields: dict[str, str], home: str = "US", **answers: str) -> Any:
    made = sign_form_class(get_kind(kind), Pledge(country=home), {}, (), optional_fields)
    return made({**(PERSON if kind == "individual" else ORGANIZATION), **answers})


def names(kind: str, optional_fields: dict[str, str]) -> list[str]:
    return list(form_of(kind, optional_fields).fields)


class TestResolving:
    @pytest.mark.parametrize("kind", ["individual", "organization"])
    def test_editors_can_configure_exactly_the_optional_fields(self, kind: str) -> None:
        assert tuple(field.name for field in configurable_fields(get_kind(kind))) == MEANING[kind]
        assert all(not field.required for field in configurable_fields(get_kind(kind)))

    def test_every_switch_has_a_label_and_a_cost(self) -> None:
        switches = [field.switch for kind in kinds().values() for field in configurable_fields(kind)]
        assert all(switch is not None and switch.label and switch.cost for switch in switches)

    def test_without_a_choice_the_kinds_defaults_apply(self) -> None:
        assert resolve_optional_fields(get_kind("individual")) == {}
        assert (
            resolve_optional_fields(get_kind("individual"), {}, {"city": "optional", "postal_code": "optional"}) == {}
        )

    def test_a_later_choice_overrides_an_earlier_one(self) -> None:
        campaign, way = {"city": "left_out", "comment": "left_out"}, {"city": "optional", "postal_code": "needed"}
        resolved = resolve_optional_fields(get_kind("individual"), campaign, way)
        assert resolved == {"comment": "left_out", "postal_code": "needed"}

    @pytest.mark.parametrize(
        "choice",
        [
            {"name": "left_out"},
            {"email": "left_out"},
            {"country": "left_out"},
            {"city": "needed"},
            {"city": "perhaps"},
            {"city": ["left_out"]},
            {"website": "left_out"},
            {"nothing": "left_out"},
        ],
    )
    def test_choices_that_a_kind_does_not_offer_are_ignored(self, choice: dict[str, Any]) -> None:
        assert resolve_optional_fields(get_kind("individual"), choice) == {}
        earlier = {"city": "left_out"}
        assert resolve_optional_fields(get_kind("individual"), earlier, choice) == earlier

    def test_without_the_city_an_organization_is_not_asked_how_to_be_shown(self) -> None:
        without = {"city": "left_out"}
        assert resolve_optional_fields(get_kind("organization"), without) == {"city": "left_out", "display": "left_out"}
        assert resolve_optional_fields(get_kind("individual"), without) == {"city": "left_out"}


class TestForm:
    @pytest.mark.parametrize(("kind", "field"), SWITCHES)
    def test_a_field_that_is_left_out_is_neither_shown_nor_accepted(self, kind: str, field: str) -> None:
        optional_fields = {field: "left_out"}
        assert names(kind, {}) == [field.name for field in get_kind(kind).fields]
        assert names(kind, optional_fields) == [name for name in names(kind, {}) if name != field]
        form = form_of(kind, optional_fields, **EVERYTHING)
        assert form.is_valid(), form.errors
        data = form.signer_data()
        assert field not in data.details
        others = [name for name in MEANING[kind] if name not in {field, "display", "updates"}]
        assert {name: data.details.get(name) for name in others} == {name: EVERYTHING[name] for name in others}
        assert data.consent_updates is (field != "updates")

    @pytest.mark.parametrize(("kind", "shown"), [("individual", Display.HIDDEN), ("organization", Display.NAME_PLACE)])
    def test_without_the_display_field_the_kinds_default_applies(self, kind: str, shown: str) -> None:
        form = form_of(kind, {"display": "left_out"}, display="name")
        assert form.is_valid(), form.errors
        assert form.signer_data().display == shown
        asked = form_of(kind, {}, display="name")
        assert asked.is_valid(), asked.errors
        assert asked.signer_data().display == Display.NAME

    def test_validators_get_every_field_of_the_kind(self, settings: Any) -> None:
        settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = ["tests.signing.test_optional_fields.record_data"]
        form = form_of("individual", dict.fromkeys(MEANING["individual"], "left_out"), **EVERYTHING)
        assert form.is_valid(), form.errors
        assert seen == {"postal_code": "", "city": "", "display": "hidden", "comment": "", "updates": ""}

    def test_an_answer_with_the_same_name_does_not_fill_a_field_that_is_left_out(self) -> None:
        question = {"slug": "city", "type": "short_text", "label": "City?"}
        made = sign_form_class(get_kind("individual"), Pledge(country="US"), {}, [question], {"city": "left_out"})
        form = made({**PERSON, "q_city": "Oakland"})
        assert form.is_valid(), form.errors
        data = form.signer_data()
        assert (dict(data.answers), dict(data.details)) == ({"city": "Oakland"}, {})


class TestRequiredPostalCode:
    NEEDED: ClassVar = {"postal_code": "needed"}

    @pytest.mark.parametrize(
        ("home", "signer", "errors"),
        [
            ("US", "US", {"postal_code": ["Enter your ZIP code, like 94612"]}),
            ("MX", "MX", {"postal_code": ["Enter your postal code"]}),
            ("US", "MX", {}),
            ("MX", "US", {}),
            ("", "US", {}),
        ],
    )
    @pytest.mark.parametrize("sent", ["", "   "])
    def test_only_signers_from_the_campaigns_country_must_enter_it(
        self, home: str, signer: str, errors: Any, sent: str
    ) -> None:
        form = form_of("individual", self.NEEDED, home, country=signer, postal_code=sent)
        assert form.errors == errors
        assert form_of("individual", self.NEEDED, home, country=signer, postal_code="94612").is_valid()

    def test_the_error_is_shown_with_the_other_errors(self) -> None:
        form = form_of("individual", self.NEEDED, name="", country="US")
        assert set(form.errors) == {"name", "postal_code"}

    def test_an_invalid_value_gives_one_error_only(self) -> None:
        form = form_of("individual", self.NEEDED, postal_code="9" * 17)
        assert list(form.errors) == ["postal_code"]
        assert len(form.errors["postal_code"]) == 1
        assert "ZIP" not in form.errors["postal_code"][0]

    def test_without_a_country_only_the_country_is_required(self) -> None:
        assert set(form_of("individual", self.NEEDED, country="").errors) == {"country"}

    def test_label_and_help_text_say_who_must_enter_it(self) -> None:
        field = form_of("individual", self.NEEDED).fields["postal_code"]
        assert field.label == "ZIP or postal code"
        assert "United States" in field.help_text

    @pytest.mark.parametrize(("optional_fields", "home"), [({}, "US"), (NEEDED, "")])
    def test_an_optional_one_is_labelled_as_optional(self, optional_fields: dict[str, str], home: str) -> None:
        optional = form_of("individual", optional_fields, home).fields["postal_code"]
        assert (optional.label, optional.help_text) == ("ZIP or postal code (optional)", "")


class TestCustomKind:
    class Neighbour(SignerKind):
        slug = "neighbour"
        label = plural = invitation = "neighbour"
        fields = (
            SignerField(name="name", type=FieldType.NAME, label="Name", required=True, switch=FieldSwitch(label="N")),
            SignerField(name="email", type=FieldType.EMAIL, label="Email", required=True),
            SignerField(name="street", type=FieldType.TEXT, label="Street", required=True),
            SignerField(
                name="floor",
                type=FieldType.TEXT,
                label="Floor",
                required=True,
                switch=FieldSwitch(label="Floor", required_message=lambda _country: "Which floor?"),
            ),
        )

    def resolved(self) -> tuple[SignerKind, dict[str, str]]:
        kind = self.Neighbour()
        return kind, resolve_optional_fields(kind, dict.fromkeys(("name", "email", "street", "floor"), "left_out"))

    def test_only_fields_with_a_switch_can_be_left_out_and_never_the_name(self) -> None:
        kind, resolved = self.resolved()
        assert resolved == {"floor": "left_out"}
        made = sign_form_class(kind, Pledge(country="US"), {}, (), resolved)
        form = made({"name": "Ana", "email": "ana@example.org", "street": "Main", "floor": "3"})
        assert list(form.fields) == ["name", "email", "street"]
        assert form.is_valid(), form.errors
        assert form.signer_data().details == {"street": "Main"}

    def test_a_kind_without_a_country_field_has_no_country_rule(self) -> None:
        kind = self.Neighbour()
        resolved = resolve_optional_fields(kind, {"floor": "needed"})
        made = sign_form_class(kind, Pledge(country="US"), {}, (), resolved)
        assert made.required_messages == {}


class TestStatement:
    def frozen(self, signer_type: Any, optional_fields: dict[str, str]) -> Any:
        made = freeze_statement(
            signer_type=signer_type, locale="en", text="<p>Ratify.</p>", consent={}, optional_fields=optional_fields
        )
        return find_statement(pledge=signer_type.pledge.uuid, signer_type=signer_type.uuid, sha256=made.sha256)

    def test_a_changed_choice_creates_a_new_version(self, person_type) -> None:
        all_, some = self.frozen(person_type, {}), self.frozen(person_type, {"city": "left_out"})
        again, other = self.frozen(person_type, {"city": "left_out"}), self.frozen(person_type, {"comment": "left_out"})
        assert [all_.number, some.number, again.number, other.number] == [1, 2, 2, 3]
        assert len({all_.sha256, some.sha256, other.sha256}) == 3
        assert (all_.optional_fields, other.optional_fields) == ({}, {"comment": "left_out"})

    def test_the_digest_of_a_statement_without_choices_is_unchanged(self, person_type) -> None:
        person_type.uuid = "00000000-0000-4000-8000-000000000001"
        digest = statement_digest(
            signer_type=person_type, locale="en", text="<p>Ratify.</p>", consent={}, optional_fields={}
        )
        assert digest == "dc9b7d18115989702e18b946f86ece56349e19d6e2f7d0f16077cd1d762316ae"

    def test_finding_a_statement_includes_its_choice_in_one_query(self, person_type) -> None:
        digest = self.frozen(person_type, {"city": "left_out"}).sha256
        ids = {"pledge": person_type.pledge.uuid, "signer_type": person_type.uuid}
        with CaptureQueriesContext(connection) as captured:
            assert find_statement(**ids, sha256=digest).optional_fields == {"city": "left_out"}
        assert len(captured) == 1


seen: dict[str, Any] = {}


def record_data(*, kind: str, data: dict[str, Any]) -> None:
    seen.clear()
    seen.update({name: data[name] for name in MEANING[kind]})
