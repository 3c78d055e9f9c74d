"""Names and addresses that mean harm, or only look as if they did, through both doors."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.journey import signatures
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.signing.models import OutboxMessage
from wagtail_pledge.signing.services import confirm
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
]


def refused(endpoint: SignEndpoint, field: str, value: str) -> None:
    """Show that the endpoint names the field and stores nothing."""
    response = endpoint.post(**{field: value})
    assert response.status_code == 422
    if endpoint.as_json:
        assert list(response.json()["errors"]) == [field]
    assert not signatures().exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_a_name_that_no_page_can_print_is_refused(endpoint: SignEndpoint, name: str) -> None:
    refused(endpoint, "name", name)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_that_no_mail_reaches_is_refused(endpoint: SignEndpoint, address: str) -> None:
    refused(endpoint, "email", address)


@pytest.mark.requirement("I24")
@pytest.mark.parametrize("address", ["a" * 64 + "@x.co", "a@" + ".".join(["b" * 62] * 3 + ["c" * 60]) + ".co"])
def test_the_longest_addresses_are_taken(endpoint: SignEndpoint, address: str) -> None:
    assert endpoint.post(email=address).status_code == endpoint.accepted
    assert signatures().get().email == address


@pytest.mark.requirement("I04", "I08", "I09", "I13", "D9")
@pytest.mark.parametrize(
    "hidden", ["\u202eevil", "A\x08", "\x1b[31mA", "A\0na", "A\r\nBcc: v@x.co", "Z" + "\u0301" * 200, "\U000e0041A"]
)
def test_no_field_of_an_organization_hides_anything(organization_endpoint: SignEndpoint, hidden: str) -> None:
    for field in ("organization", "role", "name", "city"):
        refused(organization_endpoint, field, hidden)


@pytest.mark.requirement("I04", "I08", "I09", "D9")
def test_no_other_field_of_a_person_hides_anything(endpoint: SignEndpoint) -> None:
    for field in ("city", "postal_code", "comment"):
        for hidden in ("\u202eevil", "A\x08", "\x1b[31mA", "A\0na", "\U000e0041A"):
            refused(endpoint, field, hidden)


@pytest.mark.requirement("I07", "D9")
def test_an_organization_drawn_like_an_approved_one_waits_and_staff_are_warned(
    organization_endpoint: SignEndpoint, admin_client: Client
) -> None:
    OrganizationFactory(name="Admin")
    assert organization_endpoint.post(organization="\u0410dmin").status_code == organization_endpoint.accepted
    assert confirm(signatures().get(), epoch=1)
    waiting = signatures().get()
    assert (waiting.approval, waiting.public_name, waiting.is_counted) == (Approval.WAITING, "", False)
    page = admin_client.get(reverse("wagtail_pledge_signatures:inspect", args=[waiting.pk])).content.decode()
    assert "looks like that of an organization that was approved before" in page


@pytest.mark.requirement("I15")
@pytest.mark.parametrize("name", KEPT_NAMES)
def test_a_real_name_is_kept_as_it_is_and_not_held(endpoint: SignEndpoint, name: str) -> None:
    assert endpoint.post(name=name).status_code == endpoint.accepted
    stored = signatures().get()
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
def test_what_looks_wrong_is_held_and_answered_like_any_other(
    endpoint: SignEndpoint, field: str, value: str, signal: str
) -> None:
    assert endpoint.post(**{field: value}).status_code == endpoint.accepted
    assert signatures().get().review == Review.NEEDS_REVIEW
    assert OutboxMessage.objects.get().signals == signal


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
    assert signatures().count() == count


@pytest.mark.requirement("I25")
@pytest.mark.parametrize("address", ["=cmd|calc@x.co", "{{7}}@x.co", "'or'1'='1@x.co"])
def test_an_odd_address_is_taken_as_text(endpoint: SignEndpoint, address: str) -> None:
    assert endpoint.post(email=address).status_code == endpoint.accepted
    assert signatures().get().email == address
