"""The character counter of the introduction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.test_editor import log_in
from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage

pytestmark = pytest.mark.requirement("CP1")


def test_a_text_longer_than_advised_does_not_look_like_an_error(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    User.objects.create_superuser("ed", password="ed")
    edited = home().add_child(instance=PledgePage(title="Ratify", slug="ratify"))
    page = open_page(DESKTOP)
    log_in(page)
    page.goto(reverse("wagtailadmin_pages:edit", args=[edited.pk]))
    field = page.locator("[name=lead]")
    colours = []
    for length in (10, 200):
        field.fill("x" * length)
        counter = page.get_by_text(f"{length} characters. Best up to 140; more is allowed.")
        expect(counter).to_be_visible()
        colours.append(counter.evaluate("each => getComputedStyle(each).color"))
    assert colours[0] == colours[1]
