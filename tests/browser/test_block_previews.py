"""Block previews in the picker: accessible, and without third-party requests."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.page_audit import VIOLATIONS
from tests.browser.test_editor import editor, log_in
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.questions import QuestionsBlock

__all__ = ["editor"]

pytestmark = [pytest.mark.requirement("CP9"), pytest.mark.requirement("X4"), pytest.mark.long]


def test_every_preview_is_accessible(desktop: Page, editor: Any) -> None:
    log_in(desktop)
    blocks = [*PledgeBodyBlock().child_blocks.values(), *QuestionsBlock().child_blocks.values()]
    assert len(blocks) > 30
    problems = []
    for scheme in ("light", "dark"):
        desktop.emulate_media(color_scheme=scheme)
        for block in blocks:
            desktop.goto(f"{reverse('wagtailadmin_block_preview')}?id={block.definition_prefix}")
            expect(desktop.locator(".pledge-preview")).to_be_visible()
            assert desktop.locator(".pledge-empty").count() == 0, block.name
            desktop.evaluate(AXE_SCRIPT)
            problems += [
                f"{block.name}, {scheme}: {violation['id']}: {violation['nodes'][0]['html'][:100]}"
                for violation in desktop.evaluate(VIOLATIONS)
            ]
    assert not problems, "\n".join(problems)
