"""A signature wakes the site's task workers, where the site has any and wants it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.signing.conftest import person, sign_as
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.worker import tasks
from wagtail_pledge.signing.worker.tasks import send_what_is_due, wake_up

pytestmark = [
    pytest.mark.requirement("EM1"),
    pytest.mark.skipif(tasks._tasks is None, reason="no task framework is installed"),
]


class DatabaseBackend:
    """Stands for any backend with workers; runs what was enqueued when asked."""


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    task: Any = send_what_is_due
    monkeypatch.setattr(tasks._tasks, "task_backends", {"default": DatabaseBackend()})
    monkeypatch.setattr(tasks, "send_what_is_due", SimpleNamespace(enqueue=lambda *args: asked.append((task, args))))
    return asked


@pytest.mark.parametrize("is_on", [True, False])
def test_the_task_is_enqueued_after_the_commit_and_names_nobody(
    person_type: SignerType,
    settings: Settings,
    enqueued: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    is_on: bool,
) -> None:
    settings.WAGTAIL_PLEDGE_WAKE_UP_TASK = is_on
    with django_capture_on_commit_callbacks(execute=True):
        sign_as(person_type, person())
        wake_up()
        assert enqueued == []
    assert len(enqueued) == int(is_on)
    for task, args in enqueued:
        assert args == ()
        task.call()
    assert len(mail.outbox) == int(is_on)


def test_a_backend_without_workers_never_sends_inside_the_request(
    person_type: SignerType,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.WAGTAIL_PLEDGE_WAKE_UP_TASK = True
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        sign_as(person_type, person())
        wake_up()
    assert callbacks == []
    assert mail.outbox == []
