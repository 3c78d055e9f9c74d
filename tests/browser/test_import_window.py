"""The treaty import's pages fit the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.browser.test_treaty_import import importer, log_in, saved_page, treaty
from wagtail_pledge.treaties.models import Treaty

__all__ = ["importer", "saved_page", "treaty"]

WIDTHS = (1280, 800, 360)
SIZES = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.mark.requirement("TR3")
def test_the_form_fits_the_window(open_page: Callable[..., Page], importer: User, treaty: Treaty) -> None:
    title = "Convention on the Protection of the Rights of All Migrant Workers and Members of Their Families " * 3
    Treaty.objects.create(key="long", short_name="A long one", name="it", title=title.strip())
    page = open_page({"width": WIDTHS[0], "height": 720})
    log_in(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        page.goto("/admin/treaty-imports/add/")
        page.wait_for_load_state("load")
        wide, window = page.evaluate(SIZES)
        assert (width, wide <= window) == (width, True)
        select = page.get_by_role("combobox", name="Treaty").bounding_box()
        assert select is not None
        assert select["x"] + select["width"] <= window
