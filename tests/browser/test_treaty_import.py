"""An editor imports an updated page of the depositary and undoes it, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP
from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.admin.treaties.imports import import_permissions
from wagtail_pledge.treaties.models import Treaty


class Steps:
    """Counts the editor's steps: pages opened, fields filled in, buttons pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def go(self, address: str) -> None:
        self.count += 1
        self.page.goto(address)

    def follow(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("link", name=name, exact=True).click()

    def choose(self, label: str, option: str) -> None:
        self.count += 1
        self._field(label).select_option(label=option)

    def attach(self, label: str, path: Path) -> None:
        self.count += 1
        self._field(label).set_input_files(path)

    def _field(self, label: str) -> Locator:
        """Find a field by its label, which may have a required mark."""
        return self.page.get_by_label(re.compile(rf"^\s*{label}\s*\*?\s*$"))

    def press(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def treaty(db: None) -> Treaty:
    return treaty_data.cmw()


@pytest.fixture
def importer(db: None) -> User:
    group = Group.objects.create(name="Importers")
    group.permissions.add(Permission.objects.get(codename="access_admin"), *import_permissions())
    user = User.objects.create_user("ed", password="ed")
    user.groups.add(group)
    return user


@pytest.fixture
def saved_page(treaty: Treaty, tmp_path: Path) -> Path:
    """Today's page of the depositary, with one more accession."""
    nepal = treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-01-14", status="party")
    rows = [*treaty_data.table(treaty_data.content()), nepal]
    path = tmp_path / "ViewDetails.html"
    path.write_bytes(depositary_files.page_for(treaty, rows, timezone.localdate(), 61, 40))
    return path


def log_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("ed")
    page.get_by_label("Password").fill("ed")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/admin/$"))


def parties(page: Page) -> Any:
    return page.request.get("/pledge/treaties/cmw/status.json").json()["parties"]


def check_axe(page: Page) -> None:
    """Check our part of the page; the rest is Wagtail's."""
    page.wait_for_load_state("load")
    expect(page.locator("#main .nice-padding")).to_be_visible()
    result = Axe().run(page, context="#main .nice-padding")
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.requirement("TR3")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_import_takes_seven_steps_and_undo_two(
    open_page: Callable[..., Page], importer: User, treaty: Treaty, saved_page: Path, *, script: bool
) -> None:
    page = open_page(DESKTOP, java_script_enabled=script)
    log_in(page)
    steps = Steps(page)
    steps.go("/admin/treaty-imports/")
    steps.follow("Import a list")
    steps.choose("Treaty", str(treaty))
    steps.attach("File", saved_page)
    steps.press("Compare")
    expect(page.get_by_text("+1 accession: Nepal (14 January 2026)")).to_be_visible()
    assert parties(page) == 60
    steps.follow("Approve…")
    assert parties(page) == 60
    steps.press("Yes, approve")
    expect(page.get_by_text("The import was approved")).to_be_visible()
    assert parties(page) == 61
    assert steps.count == 7
    steps.follow("Undo…")
    steps.press("Yes, undo")
    expect(page.get_by_text("The import was undone")).to_be_visible()
    assert (parties(page), steps.count) == (60, 9)


@pytest.mark.requirement("TR3")
def test_every_step_is_accessible(
    desktop: Page, importer: User, treaty: Treaty, saved_page: Path, tmp_path: Path
) -> None:
    log_in(desktop)
    steps = Steps(desktop)
    steps.go("/admin/treaty-imports/")
    check_axe(desktop)
    steps.follow("Import a list")
    check_axe(desktop)
    wrong = tmp_path / "wrong.html"
    wrong.write_bytes(saved_page.read_bytes().replace(b"Albania", b"Albanistan"))
    for path, text in ((wrong, "No State is called “Albanistan”"), (saved_page, "+1 accession: Nepal")):
        steps.choose("Treaty", str(treaty))
        steps.attach("File", path)
        steps.press("Compare")
        expect(desktop.get_by_text(text)).to_be_visible()
        check_axe(desktop)
    steps.follow("Approve…")
    check_axe(desktop)
    steps.press("Yes, approve")
    expect(desktop.get_by_text("The import was approved")).to_be_visible()
    check_axe(desktop)
    steps.go("/admin/treaty-imports/")
    check_axe(desktop)
