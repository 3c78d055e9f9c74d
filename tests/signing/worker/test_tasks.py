"""A new signature enqueues a task, if the site has a task backend and enables it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.signing.conftest import person, submit_as
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.worker import tasks
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task, send_due_mail

pytestmark = [
    pytest.mark.requirement("EM1"),
    pytest.mark.skipif(tasks._tasks is None, reason="no task framework is installed"),
]


class DatabaseBackend:
    """Represents any backend with workers."""


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    tasks._woken.clear()
    task: Any = send_due_mail
    monkeypatch.setattr(tasks._tasks, "task_backends", {"default": DatabaseBackend()})
    monkeypatch.setattr(tasks, "send_due_mail", SimpleNamespace(enqueue=lambda *args: asked.append((task, args))))
    return asked


@pytest.mark.parametrize("is_on", [True, False])
def test_the_task_is_enqueued_after_commit_without_personal_data(
    person_type: SignerType,
    settings: Settings,
    enqueued: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    is_on: bool,
) -> None:
    settings.WAGTAIL_PLEDGE_WAKE_UP_TASK = is_on
    with django_capture_on_commit_callbacks(execute=True):
        submit_as(person_type, person())
        enqueue_mail_task()
        assert enqueued == []
    assert len(enqueued) == int(is_on)
    for task, args in enqueued:
        assert args == ()
        task.call()
    assert len(mail.outbox) == int(is_on)


def test_a_backend_without_workers_never_sends_within_the_request(
    person_type: SignerType,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.WAGTAIL_PLEDGE_WAKE_UP_TASK = True
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        submit_as(person_type, person())
        enqueue_mail_task()
    assert callbacks == []
    assert mail.outbox == []
