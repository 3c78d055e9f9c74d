"""Harmful and unusual names and email addresses, sent as a form and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.journey import confirm_all, signatures, submissions, submitted, work
from wagtail_pledge.signing.abuse.lookalikes import ApprovedOrganizationNames
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.testing.factories import OrganizationFactory

REFUSED_NAMES = [
    pytest.param("\u202eevil", marks=pytest.mark.requirement("I04")),
    pytest.param("\u200b\u200c", marks=pytest.mark.requirement("I05")),
    pytest.param("Z" + "\u0301" * 200, marks=pytest.mark.requirement("I06")),
    pytest.param("Ana\x08", marks=pytest.mark.requirement("I08")),
    pytest.param("\x1b[31mAna", marks=pytest.mark.requirement("I08", "D13")),
    pytest.param("A\0na", marks=pytest.mark.requirement("I09")),
    pytest.param("A\r\nBcc: v@x.co", marks=pytest.mark.requirement("I13")),
    *(pytest.param("a" * size, marks=pytest.mark.requirement("I14")) for size in (121, 256, 10_000)),
]
#: Characters without a glyph in or after a word, by Unicode property: letters, marks, selectors, controls.
INVISIBLE = [
    *("\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\ufe0f", "\u17b4", "\u180b", "\u180e", "\U000e0100"),
    *("\u202e", "\u2066", "\u200b", "\u200e", "\u061c", "\u00ad", "\ufeff", "\u2060", "\ufff9", "\ufffc"),
    *("\ufdd0", "\uffff", "\U000e0041", "\U0001d173", "\U00013441", "\U0010ffff", "\u0378", "\ue000", "\u2028"),
]
WEBSITES = [
    *(f"https://example.org/{hidden}gpj.evil" for hidden in "\u202e\u3164\ufdd0\ufe0f\u200b"),
    *(f"https://exam{hidden}ple.org" for hidden in "\u202e\u3164\u00ad\u034f\u2060"),
    "https://casa.example@evil.example/",
    "https://casa.example:80@evil.example/",
    "ftp://example.org",
    "ftps://example.org",
    "javascript:alert(1)",
    "https://xn--a.example",
    "https://i\u2764.example",
    "https://[::1",
    "https://\u3164.example",
]
KEPT_NAMES = [
    *[
        "O’Brien-Smith",
        "孫文",
        "Nguyễn Thị Ánh",
        "José María Aznar",
        "علی\u200cرضا",  # noqa: RUF001
        "محمد عبد الله",
        "Алексей Иванов",
        "Γιώργος Σεφέρης",
    ],
    *[
        "דוד בן־גוריון",
        "प्रेमचन्द",
        "ประยุทธ์ จันทร์",
        "김대중",
        "さくら ももこ",
        "თამარ მეფე",
        "Հովհաննես",
        "አበበ ቢቂላ",
        "தமிழ் செல்வன்",
    ],
    *[
        "Đặng Thái Sơn",
        "Łukasz Żółć",
        "Þórður",
        "Ñusta Quispe",
        "Jean-Luc d’Arc",
        "María del Carmen",
        "Ægir Øst",
        "Çiğdem Işık",  # noqa: RUF001
    ],
    *["Dr. Ana Ruiz", "Ana M. Paz", "রবীন্দ্রনাথ", "ਗੁਰਮੀਤ ਸਿੰਘ", "ಶಿವರಾಮ"],
]
REFUSED_ADDRESSES = [
    *(pytest.param(a, marks=pytest.mark.requirement("I18")) for a in ("a@x.co\nBcc: v@x.co", "a@x.co,b@y.co")),
    pytest.param("a@x.co;b@y.co", marks=pytest.mark.requirement("I18")),
    *(pytest.param(a, marks=pytest.mark.requirement("I19")) for a in ("a@localhost", "a@[127.0.0.1]")),
    pytest.param("root@localhost.localdomain", marks=pytest.mark.requirement("I19")),
    pytest.param("a" * 65 + "@x.co", marks=pytest.mark.requirement("I24")),
    *(pytest.param("a@" + "b" * (n - 5) + ".co", marks=pytest.mark.requirement("I24")) for n in (255, 320)),
    pytest.param("a@example.invalid", marks=pytest.mark.requirement("I27")),
    pytest.param("ü@x.co", marks=pytest.mark.requirement("I22")),
    # Letters that a pattern without case takes for ASCII ones
    *(pytest.param(a, marks=pytest.mark.requirement("E12")) for a in ("\u017fam@x.co", "mar\u212a@x.co")),
    *(pytest.param(a, marks=pytest.mark.requirement("E12")) for a in ("\u0131da@x.co", "\u0130da@x.co")),
    *(pytest.param(a, marks=pytest.mark.requirement("E12")) for a in ("a@xn--a.co", "a@i\u2764.co")),
    *(pytest.param(f"a@ex{hidden}ample.co", marks=pytest.mark.requirement("E11")) for hidden in "\u00ad\u200b\u3164"),
]


def assert_rejected(endpoint: SignEndpoint, field: str, value: str) -> None:
    """Assert that the endpoint reports an error in the field and stores nothing."""
    response = endpoint.post(**{field: value})
    assert response.status_code == 422
    if endpoint.as_json:
        assert list(response.json()["errors"]) == [field]
    assert not submissions().exists()


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_an_unprintable_name_is_rejected(endpoint: SignEndpoint, name: str) -> None:
    assert_rejected(endpoint, "name", name)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_undeliverable_email_address_is_rejected(endpoint: SignEndpoint, address: str) -> None:
    assert_rejected(endpoint, "email", address)


@pytest.mark.requirement("I24")
@pytest.mark.parametrize("address", ["a" * 64 + "@x.co", "a@" + ".".join(["b" * 62] * 3 + ["c" * 60]) + ".co"])
def test_the_longest_email_addresses_are_accepted(endpoint: SignEndpoint, address: str) -> None:
    assert endpoint.post(email=address).status_code == endpoint.accepted
    assert submitted().email == address


@pytest.mark.requirement("I04", "I08", "I09", "I13", "D9")
@pytest.mark.parametrize(
    "hidden", ["\u202eevil", "A\x08", "\x1b[31mA", "A\0na", "A\r\nBcc: v@x.co", "Z" + "\u0301" * 200, "\U000e0041A"]
)
@pytest.mark.parametrize("field", ["organization", "role", "name", "city"])
def test_invisible_characters_in_organization_fields_are_rejected(
    organization_endpoint: SignEndpoint, field: str, hidden: str
) -> None:
    assert_rejected(organization_endpoint, field, hidden)


@pytest.mark.requirement("I04", "I08", "I09", "D9")
@pytest.mark.parametrize("field", ["city", "postal_code", "comment"])
@pytest.mark.parametrize("hidden", ["\u202eevil", "A\x08", "\x1b[31mA", "A\0na", "\U000e0041A"])
def test_invisible_characters_in_optional_fields_are_rejected(endpoint: SignEndpoint, field: str, hidden: str) -> None:
    assert_rejected(endpoint, field, hidden)


def assert_all_rejected(endpoint: SignEndpoint, fields: Sequence[str], text: str) -> None:
    """Assert that each of the fields has an error if all of them have this text."""
    response = endpoint.post(**dict.fromkeys(fields, text))
    assert response.status_code == 422, ascii(text)
    if endpoint.as_json:
        assert set(response.json()["errors"]) == set(fields), ascii(text)
    assert not submissions().exists()


@pytest.mark.requirement("E11")
def test_no_field_of_a_person_takes_an_invisible_character(endpoint: SignEndpoint) -> None:
    for hidden in INVISIBLE:
        assert_all_rejected(endpoint, ("name", "city", "postal_code", "comment"), f"An{hidden}na")


@pytest.mark.requirement("E11")
def test_no_field_of_an_organization_takes_an_invisible_character(organization_endpoint: SignEndpoint) -> None:
    for hidden in INVISIBLE:
        assert_all_rejected(organization_endpoint, ("organization", "name", "city", "role"), f"Anna{hidden}!")


@pytest.mark.requirement("E11", "E12")
@pytest.mark.parametrize("website", WEBSITES)
def test_a_website_that_could_lead_elsewhere_is_rejected(organization_endpoint: SignEndpoint, website: str) -> None:
    assert_rejected(organization_endpoint, "website", website)


@pytest.mark.parametrize(
    ("website", "stored"),
    [
        ("casa.example", "https://casa.example"),
        ("http://casa.example:8080/a?b=c#d", "http://casa.example:8080/a?b=c#d"),
        ("https://straße.example/über/日本", "https://straße.example/über/日本"),
        (" https://xn--mller-kva.example ", "https://xn--mller-kva.example"),
    ],
)
def test_the_address_of_a_website_is_kept(organization_endpoint: SignEndpoint, website: str, stored: str) -> None:
    assert organization_endpoint.post(website=website).status_code == organization_endpoint.accepted
    assert submitted().details["website"] == stored


@pytest.mark.requirement("E11", "D9")
@pytest.mark.parametrize(
    "name", ["Admin\u200d", "\u0410dmin", "\uff21\uff44\uff4d\uff49\uff4e", "Ádmin.", "Ad min", "\u2800Admin"]
)
def test_a_name_like_an_approved_one_is_found_whatever_is_added(organization_endpoint: SignEndpoint, name: str) -> None:
    OrganizationFactory(name="Admin", country="MX")
    assert organization_endpoint.post(organization=name).status_code == organization_endpoint.accepted
    assert [found.name for found in ApprovedOrganizationNames().similar_to(submitted())] == ["Admin"]


@pytest.mark.requirement("E11")
def test_a_filler_in_stored_data_does_not_hide_a_look_alike(organization_endpoint: SignEndpoint) -> None:
    OrganizationFactory(name="Admin", country="MX")
    organization_endpoint.post(organization="Admin")
    signature = submitted()
    for hidden in INVISIBLE[:10]:
        signature.details["organization"] = f"Ad{hidden}min{hidden}"
        assert ApprovedOrganizationNames().similar_to(signature), ascii(hidden)


@pytest.mark.requirement("E12")
@pytest.mark.parametrize("address", ["ana@straße.example", "ana@xn--strae-oqa.example"])
def test_mail_to_a_domain_with_sharp_s_goes_to_that_domain(
    endpoint: SignEndpoint, mailoutbox: Any, address: str
) -> None:
    assert endpoint.post(email=address).status_code == endpoint.accepted
    assert submitted().email == address
    work()
    (message,) = mailoutbox
    assert message.to == ["ana@xn--strae-oqa.example"]
    assert "strasse" not in message.message().as_string()


@pytest.mark.requirement("I07", "D9")
def test_staff_are_warned_of_a_name_that_looks_like_an_approved_one(
    organization_endpoint: SignEndpoint, admin_client: Client
) -> None:
    OrganizationFactory(name="Admin")
    assert organization_endpoint.post(organization="\u0410dmin").status_code == organization_endpoint.accepted
    (waiting,) = confirm_all()
    assert (waiting.approval, waiting.public_name, waiting.is_counted) == (Approval.WAITING, "", False)
    page = admin_client.get(reverse("wagtail_pledge_signatures:inspect", args=[waiting.pk])).content.decode()
    assert "looks like that of an organization that was approved before" in page


@pytest.mark.requirement("I15")
@pytest.mark.parametrize("name", KEPT_NAMES)
def test_a_real_name_is_stored_unchanged_and_not_held(endpoint: SignEndpoint, name: str) -> None:
    assert endpoint.post(name=name).status_code == endpoint.accepted
    stored = submitted()
    assert stored.name == name
    assert stored.review == Review.OK


@pytest.mark.parametrize(
    ("field", "value", "signal"),
    [
        pytest.param("name", "http://evil.example Click", "name_link", marks=pytest.mark.requirement("I12")),
        pytest.param("email", "a@gmaıl.com", "look_alike", marks=pytest.mark.requirement("I23")),  # noqa: RUF001
        pytest.param("email", "a@ɡmail.com", "look_alike", marks=pytest.mark.requirement("I23")),  # noqa: RUF001
        pytest.param("email", "a@mailinator.com", "disposable", marks=pytest.mark.requirement("I26")),
        pytest.param("middle_name", "robot", "honeypot", marks=pytest.mark.requirement("I29")),
    ],
)
def test_a_suspicious_signature_is_held_with_the_usual_response(
    endpoint: SignEndpoint, field: str, value: str, signal: str
) -> None:
    assert endpoint.post(**{field: value}).status_code == endpoint.accepted
    row = submissions().get()
    assert (row.review, row.review_reason) == (Review.NEEDS_REVIEW, signal)


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        pytest.param("ab@gmail.com", "A.B+c@GMail.com", 1, marks=pytest.mark.requirement("I20")),
        pytest.param("ab@gmail.com", "ab@googlemail.com", 1, marks=pytest.mark.requirement("I20")),
        pytest.param("a@unknown.example", "a+b@unknown.example", 2, marks=pytest.mark.requirement("I21")),
        pytest.param("a@müller.de", "a@xn--mller-kva.de", 1, marks=pytest.mark.requirement("I22")),
    ],
)
def test_one_mailbox_is_one_signature(endpoint: SignEndpoint, first: str, second: str, count: int) -> None:
    for address in (first, second):
        assert endpoint.post(email=address).status_code == endpoint.accepted
    confirm_all()
    assert signatures().count() == count


@pytest.mark.requirement("I25")
@pytest.mark.parametrize("address", ["=cmd|calc@x.co", "{{7}}@x.co", "'or'1'='1@x.co"])
def test_an_unusual_email_address_is_stored_unchanged(endpoint: SignEndpoint, address: str) -> None:
    assert endpoint.post(email=address).status_code == endpoint.accepted
    assert submitted().email == address
