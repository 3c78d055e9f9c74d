"""Texts of staff follow the same rules as those of signers."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from wagtail_pledge.admin.forms import OrganizationForm, RejectionForm
from wagtail_pledge.admin.state_changes import StateChangeForm
from wagtail_pledge.signing.models import EmbedOrigin, Organization
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E9", "E11")]

HIDDEN = ["\u202e", "\u3164", "\u034f", "\ufe0f", "\U000e0100", "\ufdd0", "\x08"]
Form = modelform_factory(Organization, form=OrganizationForm, fields=["name", "website", "country", "city"])


def organization_form(**changed: str) -> Any:
    return Form({"name": "Casa", "website": "https://casa.example", "country": "US", "city": "Oakland", **changed})


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("field", ["name", "city", "website"])
def test_invisible_characters_are_rejected(field: str, hidden: str) -> None:
    form = organization_form(**{field: f"https://ca{hidden}sa.example/" if field == "website" else f"Ca{hidden}sa"})
    assert list(form.errors) == [field]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("make", [RejectionForm, lambda data: StateChangeForm(data, needs_closing_date=False)])
def test_a_reason_is_visible_text_of_several_lines(make: Any, hidden: str) -> None:
    assert list(make({"reason": f"No{hidden}t ours"}).errors) == ["reason"]
    form = make({"reason": "First line\r\nsecond line "})
    assert form.is_valid()
    assert form.cleaned_data["reason"] == "First line\nsecond line"


@pytest.mark.parametrize("grows", ["\ufb2c", "\u0958", "\ufdfa", "\u3300"])
def test_the_longest_name_of_an_organization_is_stored(grows: str) -> None:
    longest = "Union" + grows * (195 // len(unicodedata.normalize("NFC", grows)))
    saved = organization_form(name=longest, city=longest[:40]).save()
    saved.refresh_from_db()
    assert saved.name == unicodedata.normalize("NFC", longest)
    assert organization_form(name="\ufb2c" * 67).errors


@pytest.mark.requirement("E12")
def test_the_origin_of_a_partner_is_measured_and_written_in_ascii() -> None:
    pledge = PledgeFactory()
    origin = EmbedOrigin(pledge=pledge, origin="https://straße.example/form?x")
    origin.full_clean()
    assert origin.origin == "https://xn--strae-oqa.example"
    too_long = EmbedOrigin(pledge=pledge, origin="https://" + "ü." * 80 + "example")
    with pytest.raises(ValidationError):
        too_long.full_clean()
