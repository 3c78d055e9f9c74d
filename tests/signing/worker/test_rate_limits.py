"""Rate limits for wide networks, mail domains, names and numbered mailboxes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.signing.conftest import person, statement_to_sign
from wagtail_pledge.signing.abuse.networks import clear_day_key_cache, delete_expired_network_keys, network_key
from wagtail_pledge.signing.abuse.signals import screening_notes
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import LimitBucket, NetworkDayKey, NetworkPlace, SignerType, Submission
from wagtail_pledge.signing.services import submit
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.retention import delete_expired_submissions
from wagtail_pledge.signing.worker.screening import screen


def signer(number: int, *, name: str = "", email: str = "", address: str = "") -> tuple[SignerData, str]:
    """Return a signer and IP address that share only the given values with others."""
    unique = "".join(chr(97 + int(digit)) for digit in f"{number:04}")
    data = person(email=email or f"{unique}@{unique}.example", name=name or f"Xy {unique}")
    return data, address or f"10.{number % 250}.{number // 250}.1"


def crowd(signer_type: SignerType, size: int, make: Callable[[int], tuple[SignerData, str]]) -> Counter[str]:
    """Sign for ``size`` people and screen their messages; return how many were held, by reason."""
    statement, now = statement_to_sign(signer_type), timezone.now()
    for number in range(size):
        data, address = make(number)
        notes = screening_notes(data=data, proof=None, now=now)
        submit(statement=statement, data=data, network_key=network_key(address, now), notes=notes)
    # The same hour for all of them, whenever the test runs
    Submission.objects.update(created_at=now, due_at=now)
    while submissions := lease(Submission, 100):
        screen(submissions, now)
        Submission.objects.filter(pk__in=[one.pk for one in submissions]).update(queue=MailQueue.NO_MAIL)
    return Counter(Submission.objects.exclude(review_reason="").values_list("review_reason", flat=True))


@pytest.mark.requirement("C1", "SG6")
@pytest.mark.parametrize(
    ("limit", "reason", "make"),
    [
        (500, "wide_network_hour", lambda n: signer(n, address=f"198.51.{n // 10}.{n % 10}")),
        (500, "wide_network_hour", lambda n: signer(n, address=f"2001:db8:{n:x}::1")),
        (50, "domain_hour", lambda n: signer(n, email=f"a{'b' * n}@farm.example")),
        (10, "name_hour", lambda n: signer(n, name=("ANA RUIZ", "Ana Ruiz", "ana  ruíz")[n % 3])),
        (10, "numbered_hour", lambda n: signer(n, email=f"john{n:03}@gmail.com")),
    ],
)
def test_signatures_over_the_limit_are_held(
    person_type: SignerType, limit: int, reason: str, make: Callable[[int], tuple[SignerData, str]]
) -> None:
    assert crowd(person_type, limit + 3, make) == {reason: 3}


@pytest.mark.requirement("C1", "SG6")
@pytest.mark.parametrize(
    "make",
    [
        signer,
        lambda n: signer(n, email=f"a{'b' * n}@gmail.com"),
        lambda n: signer(n, email=f"{n:05}@qq.com"),
    ],
)
def test_people_who_share_only_a_large_mail_provider_are_not_held(
    person_type: SignerType, make: Callable[[int], tuple[SignerData, str]]
) -> None:
    assert crowd(person_type, 60, make) == {}


@pytest.mark.requirement("SG6", "B8")
def test_rate_limit_keys_are_deleted_after_two_days(person_type: SignerType) -> None:
    clear_day_key_cache()
    crowd(person_type, 1, lambda n: signer(n, email="john001@farm.example"))
    submission = Submission.objects.get()
    assert submission.signals
    assert LimitBucket.objects.count() == 7
    now = timezone.now()
    earlier = now - dt.timedelta(days=3)
    Submission.objects.update(created_at=earlier, due_at=earlier)
    LimitBucket.objects.update(hour=earlier)
    NetworkPlace.objects.update(at=earlier)
    NetworkDayKey.objects.update(day=earlier.date())
    assert delete_expired_network_keys() == 7 + 1 + 1
    assert delete_expired_submissions() == 1
    submission.refresh_from_db()
    assert (submission.signals, submission.network_key) == ("", None)
    assert submission.payload
    clear_day_key_cache()
