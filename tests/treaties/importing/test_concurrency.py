"""Two imports at once, on the database that production uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.treaties import treaty_data
from tests.treaties.importing.test_workflow import NEPAL, cmw_page, dump, waiting
from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.workflow import apply_proposal, undo_import
from wagtail_pledge.treaties.models import TreatyAction, TreatyImport

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.requirement("TR3")]

AT_ONCE = 8


def together(work: Callable[[int], Any], times: int = AT_ONCE) -> list[str]:
    """Run ``work`` in as many threads, all let go at one moment; return "" or the code of the refusal of each."""
    gate = threading.Barrier(times)
    results = [""] * times

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            work(number)
        except TreatyError as error:
            results[number] = error.code
        except Exception as error:  # noqa: BLE001 - a thread hands its failure to the test
            results[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_of_several_proposals_at_once_one_is_applied_and_the_others_are_refused_in_words() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    entries = [waiting(treaty, cmw_page(NEPAL, parties=61)) for _ in range(AT_ONCE)]
    codes = together(lambda number: apply_proposal(entries[number]))
    assert sorted(codes) == ["", *["import_stale"] * (AT_ONCE - 1)]
    assert TreatyAction.objects.filter(party__key="NPL").count() == 1
    applied = TreatyImport.objects.in_state(ImportState.APPLIED).get()
    assert TreatyImport.objects.in_state(ImportState.PROPOSED).count() == AT_ONCE - 1
    undo_import(applied)
    assert dump() == before


def test_one_proposal_approved_by_several_at_once_is_applied_once() -> None:
    treaty = treaty_data.cmw()
    entry = waiting(treaty, cmw_page(NEPAL, parties=61))
    codes = together(lambda _number: apply_proposal(TreatyImport.objects.get(pk=entry.pk)))
    assert sorted(codes) == ["", *["import_not_waiting"] * (AT_ONCE - 1)]
    assert TreatyAction.objects.count() == 101


def test_undoing_at_once_undoes_once() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    entry = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(entry)
    codes = together(lambda _number: undo_import(TreatyImport.objects.get(pk=entry.pk)))
    assert sorted(codes) == ["", *["import_not_applied"] * (AT_ONCE - 1)]
    assert dump() == before


def test_an_undo_and_an_import_at_once_leave_one_whole_status() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    first = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(first)
    after = dump()
    ethiopia = treaty_data.row("ETH", "Ethiopia", action="accession", action_date="2026-06-14", status="party")
    second = waiting(treaty, cmw_page(NEPAL, ethiopia, parties=62))
    steps = (lambda: undo_import(first), lambda: apply_proposal(second))
    codes = together(lambda number: steps[number](), times=2)
    assert codes in (["", "import_stale"], ["newer_import", ""])
    if codes[0]:
        assert TreatyAction.objects.filter(party__key__in=["NPL", "ETH"]).count() == 2
        undo_import(second)
        assert dump() == after
    else:
        assert dump() == before
