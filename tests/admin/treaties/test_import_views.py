"""Treaty import in the admin: upload, preview of changes, approval, log, undo, and permissions."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.log_actions import registry
from wagtail.models import PageViewRestriction

from tests.admin.responses import text
from tests.projects.campaign import home
from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.admin.treaties.import_views import import_url
from wagtail_pledge.admin.treaties.imports import import_permissions
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage
from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.models import Treaty, TreatyAction, TreatyImport

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR3", "ED3")]

DAY = dt.date(2026, 11, 1)
NEPAL = treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-05-14", status="party")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


@pytest.fixture
def treaty() -> Treaty:
    return treaty_data.cmw()


@pytest.fixture
def importer() -> Client:
    """A client whose only pledge permission is to import."""
    user = get_user_model().objects.create_user("importer", password="password")
    group = Group.objects.create(name="importers")
    group.permissions.add(Permission.objects.get(codename="access_admin"), *import_permissions())
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def page(treaty: Treaty, *extra: dict[str, str], parties: int = 60) -> bytes:
    return depositary_files.page_for(treaty, [*treaty_data.table(treaty_data.content()), *extra], DAY, parties, 40)


def upload(client: Client, treaty: Treaty, content: bytes, name: str = "ViewDetails.html", **fields: str) -> Any:
    data = {"treaty": treaty.pk, "file": SimpleUploadedFile(name, content), "as_of": "", "source": "", **fields}
    return client.post(import_url("add"), data)


def upload_nepal(client: Client, treaty: Treaty) -> TreatyImport:
    answer = upload(client, treaty, page(treaty, NEPAL, parties=61))
    entry = TreatyImport.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, import_url("detail", entry))
    return entry


def test_upload_approve_and_undo_take_six_requests(importer: Client, treaty: Treaty) -> None:
    form = importer.get(import_url("add"))
    assert form.status_code == 200
    assert 'enctype="multipart/form-data"' in form.content.decode()
    entry = upload_nepal(importer, treaty)
    shown = text(importer.get(import_url("detail", entry)))
    assert "+1 accession: Nepal (14 May 2026)" in shown
    assert "61 parties, 40 signatories, 11 signed only" in shown
    assert TreatyAction.objects.filter(party__key="NPL").count() == 0
    approved = importer.post(import_url("approve", entry), follow=True)
    assert "The import was approved" in text(approved)
    assert TreatyAction.objects.filter(party__key="NPL").count() == 1
    undone = importer.post(import_url("undo", entry), follow=True)
    assert "The import was undone" in text(undone)
    assert TreatyAction.objects.filter(party__key="NPL").count() == 0
    log = text(importer.get(import_url("index")))
    assert "ViewDetails.html" in log
    assert "Undone" in log
    assert "importer" in log


def test_approving_and_undoing_ask_first(importer: Client, treaty: Treaty) -> None:
    entry = upload_nepal(importer, treaty)
    detail = text(importer.get(import_url("detail", entry)))
    assert f'href="{import_url("approve", entry)}"' in detail
    assert f'action="{import_url("approve", entry)}"' not in detail
    asked = text(importer.get(import_url("approve", entry)))
    for expected in (
        "Approve the import?",
        "as of 1 November 2026",
        "+1 accession: Nepal (14 May 2026)",
        "Yes, approve",
    ):
        assert expected in asked
    assert not TreatyAction.objects.filter(party__key="NPL").exists()
    importer.post(import_url("approve", entry))
    assert importer.get(import_url("approve", entry))["Location"] == import_url("detail", entry)
    asked = text(importer.get(import_url("undo", entry)))
    for expected in ("Undo the import?", "from before the import of ViewDetails.html", "Nepal", "Yes, undo"):
        assert expected in asked
    assert TreatyAction.objects.filter(party__key="NPL").exists()


def publish_pages(treaty: Treaty) -> dict[str, Any]:
    """Publish a page that shows the treaty in each way, and two that show another treaty or nothing."""
    fact = '<embed embedtype="pledge-treaty-fact" treaty="cmw" fact="number_parties"/>'
    block = {"type": "treaty_numbers", "value": {"treaty": "cmw"}, "id": "b"}
    other = {"type": "treaty_numbers", "value": {"treaty": "cmw-2"}, "id": "b"}
    story = {"type": "rich_text", "value": f"<p>{fact} States.</p>", "id": "r"}
    body = PledgePage._meta.get_field("body").to_python
    pages = [
        TreatyStatusPage(title="Who has ratified?", treaty=treaty),
        PledgePage(title="By a block", body=body([block])),
        PledgePage(title="By a fact in the story", body=body([story])),
        PledgePage(title="By a fact in the thanks", thanks_text=f"<p>{fact} States.</p>"),
        PledgePage(title="Another treaty", body=body([other])),
        PledgePage(title="A draft", body=body([block]), live=False),
    ]
    return {page.title: home().add_child(instance=page) for page in pages}


def test_the_pages_that_show_the_treaty_are_linked(importer: Client, treaty: Treaty, admin_client: Client) -> None:
    pages = publish_pages(treaty)
    shown = {title for title in pages if title not in {"Another treaty", "A draft"}}
    entry = upload_nepal(importer, treaty)
    for view in ("detail", "approve"):
        html = text(importer.get(import_url(view, entry)))
        assert {title for title in pages if title in html} == shown
        for title in shown:
            assert f'href="{pages[title].url}"' in html
            assert reverse("wagtailadmin_pages:edit", args=[pages[title].pk]) not in html
    html = text(admin_client.get(import_url("detail", entry)))
    assert all(reverse("wagtailadmin_pages:edit", args=[pages[title].pk]) in html for title in shown)


def test_a_restricted_page_is_linked_only_for_its_editors(
    importer: Client, treaty: Treaty, admin_client: Client
) -> None:
    page = publish_pages(treaty)["By a block"]
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    entry = upload_nepal(importer, treaty)
    assert "By a block" not in text(importer.get(import_url("detail", entry)))
    assert "By a block" in text(admin_client.get(import_url("detail", entry)))


def test_treaties_without_data_are_marked(importer: Client, treaty: Treaty, admin_client: Client) -> None:
    treaty_data.treaty("ilo", short_name="C097", title="Convention 97")
    form = text(importer.get(import_url("add")))
    assert "C097 · Convention 97 (no data yet)" in form
    assert f"{treaty}<" in form
    listed = text(admin_client.get(reverse("wagtail_pledge_treaties:index")))
    assert listed.count("No data yet") == 1


def test_a_row_without_any_act_is_shown_and_does_not_stop_the_import(importer: Client, treaty: Treaty) -> None:
    blank = treaty_data.row("NPL", "Nepal", status="party")
    nepal_only = treaty_data.row("ETH", "Ethiopia", action="accession", action_date="2026-06-14", status="party")
    upload(importer, treaty, page(treaty, blank, nepal_only, parties=61))
    entry = TreatyImport.objects.latest("pk")
    shown = text(importer.get(import_url("detail", entry)))
    assert "Not imported from this file" in shown
    assert "The row has neither a signature nor an act of consent. [Nepal" in shown
    assert "The import was approved" in text(importer.post(import_url("approve", entry), follow=True))


def test_a_rejected_proposal_stays_in_the_log_and_changes_nothing(importer: Client, treaty: Treaty) -> None:
    entry = upload_nepal(importer, treaty)
    assert "was rejected" in text(importer.post(import_url("reject", entry), follow=True))
    entry.refresh_from_db()
    assert (entry.state, TreatyAction.objects.count()) == (ImportState.REJECTED, 100)
    again = importer.post(import_url("approve", entry), follow=True)
    assert "already" in text(again)
    assert "Approve" not in text(again)


def test_an_import_that_can_not_be_applied_says_why(importer: Client, treaty: Treaty) -> None:
    first, second = upload_nepal(importer, treaty), upload_nepal(importer, treaty)
    importer.post(import_url("approve", first))
    stale = importer.post(import_url("approve", second), follow=True)
    assert "has changed since" in text(stale)
    ethiopia = treaty_data.row("ETH", "Ethiopia", action="accession", action_date="2026-06-14", status="party")
    upload(importer, treaty, page(treaty, NEPAL, ethiopia, parties=62))
    newer = TreatyImport.objects.latest("pk")
    importer.post(import_url("approve", newer))
    assert "Undo that one first" in text(importer.post(import_url("undo", first), follow=True))
    detail = importer.get(import_url("detail", first)).content.decode()
    assert reverse("wagtail_pledge_treaty_imports:undo", args=[first.pk]) not in detail


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("list.html", b"<html>tblgrid</html>", "no table of participants"),
        ("list.xml", b"<html></html>", "does not begin with"),
        ("list.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        ("list.pdf", b"%PDF-1.7", "No source reads"),
        ("list.csv", b"\xff\xfe\x00", "not a CSV in UTF-8"),
        ("list.csv", b"", "empty"),
        ("cmw.csv", treaty_data.content(), "does not show its date"),
    ],
)
def test_an_unreadable_file_gives_an_error_beside_the_field(
    importer: Client, treaty: Treaty, name: str, content: bytes, message: str
) -> None:
    answer = upload(importer, treaty, content, name)
    assert answer.status_code == 200
    assert message in text(answer)
    assert TreatyImport.objects.count() == 0


def test_invalid_rows_are_listed_with_row_number_and_text(importer: Client, treaty: Treaty) -> None:
    content = page(treaty, NEPAL, parties=61).replace(b"Albania<br>", b"<i>Albanistan</i><script>alert(1)</script><br>")
    answer = upload(importer, treaty, content)
    assert "Row 2: No State is called “Albanistan”." in text(answer)
    assert 'role="alert"' in answer.content.decode()
    assert "alert(1)" not in answer.content.decode()
    many = upload(importer, treaty, page(treaty).replace(b" a<br>", b" x<br>").replace(b"20", b"30"))
    assert len(many.context["errors"]) <= 100
    assert TreatyImport.objects.count() == 0


def test_names_from_a_file_are_escaped(importer: Client, treaty: Treaty) -> None:
    answer = upload(importer, treaty, b"<?xml version='1.0'?><a>", "<img src=x onerror=alert(1)>.xml")
    assert "<img src=x" not in answer.content.decode()


def test_a_file_without_changes_creates_no_import(importer: Client, treaty: Treaty) -> None:
    answer = upload(importer, treaty, treaty_data.content(), "cmw.csv", as_of="2026-02-03")
    assert (answer.status_code, answer["Location"]) == (302, import_url("index"))
    assert "nothing to import" in text(importer.get(import_url("index")))
    assert TreatyImport.objects.count() == 0


def test_an_upload_over_the_limit_is_rejected_before_it_is_read(importer: Client, treaty: Treaty) -> None:
    answer = upload(importer, treaty, b"x" * (11 * 1024 * 1024))
    assert answer.status_code == 413
    assert "larger than 10 MB" in text(answer)
    just = upload(importer, treaty, b"x" * (10 * 1024 * 1024 + 1), "list.csv")
    assert just.status_code == 200
    assert "larger than 10 MB" in text(just)
    odd = importer.post(import_url("add"), b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="many")
    assert odd.status_code == 413


def test_a_large_upload_is_not_written_to_disk(
    importer: Client, treaty: Treaty, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: Any, **_kwargs: Any) -> Any:
        message = "a temporary file"
        raise AssertionError(message)

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", forbidden)
    answer = upload(importer, treaty, b"<!--" + b" " * 5 * 1024 * 1024 + b"-->" + page(treaty, NEPAL, parties=61))
    assert answer.status_code == 302


@pytest.mark.parametrize(("view", "status"), [("add", 200), ("approve", 302), ("reject", 302), ("undo", 302)])
def test_every_form_requires_a_csrf_token(treaty: Treaty, importer: Client, view: str, status: int) -> None:
    entry = upload_nepal(importer, treaty)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="importer"))
    target = import_url(view) if view == "add" else import_url(view, entry)
    assert strict.post(target).status_code == 403
    token = str(strict.get(import_url("add")).context["csrf_token"])
    assert strict.post(target, {"csrfmiddlewaretoken": token}).status_code == status


@pytest.mark.parametrize(("view", "status"), [("approve", 200), ("reject", 405), ("undo", 302)])
def test_decisions_require_post_and_an_existing_import(
    treaty: Treaty, importer: Client, view: str, status: int
) -> None:
    entry = upload_nepal(importer, treaty)
    assert importer.get(import_url(view, entry)).status_code == status
    entry.refresh_from_db()
    assert entry.state == ImportState.PROPOSED
    missing = reverse(f"wagtail_pledge_treaty_imports:{view}", args=[entry.pk + 1])
    # The site's LocaleMiddleware tries the URL with a language prefix first
    assert importer.post(missing, follow=True).status_code == 404
    detail = reverse("wagtail_pledge_treaty_imports:detail", args=[entry.pk + 1])
    assert importer.get(detail, follow=True).status_code == 404


@pytest.mark.parametrize("role", ["anonymous", "editor", "moderator", "manager", "viewer"])
@pytest.mark.parametrize("view", ["index", "add", "detail", "approve", "reject", "undo"])
def test_users_without_the_permission_are_denied_everywhere(
    role: str, view: str, treaty: Treaty, importer: Client, log_in: Callable[[str], Client]
) -> None:
    entry = upload_nepal(importer, treaty)
    client = log_in(role)
    login, home = reverse("wagtailadmin_login"), reverse("wagtailadmin_home")
    target = import_url(view) if view in {"index", "add"} else import_url(view, entry)
    for answer in (client.get(target), client.post(target), upload(client, treaty, b"x")):
        assert answer.status_code == 302
        assert answer["Location"].split("?")[0] in {login, home}
    entry.refresh_from_db()
    assert (entry.state, TreatyImport.objects.count()) == (ImportState.PROPOSED, 1)
    if role != "anonymous":
        assert import_url("index") not in client.get(home).content.decode()


def test_the_menu_and_the_group_form_include_the_permission(importer: Client, log_in: Callable[[str], Client]) -> None:
    assert import_url("index") in importer.get(reverse("wagtailadmin_home")).content.decode()
    groups = log_in("superuser").get(reverse("wagtailusers_groups:add")).content.decode()
    assert f'value="{import_permissions().get().pk}"' in groups


def test_the_treatys_history_shows_decisions(importer: Client, treaty: Treaty) -> None:
    entry = upload_nepal(importer, treaty)
    importer.post(import_url("approve", entry))
    importer.post(import_url("undo", entry))
    entries = registry.get_logs_for_instance(treaty).order_by("pk")
    assert [found.action for found in entries] == [
        "wagtail_pledge.import_treaty",
        "wagtail_pledge.undo_treaty_import",
    ]
    assert {str(found.user) for found in entries} == {"importer"}
    assert entries[0].formatter.format_message(entries[0]) == "Import treaty status: ViewDetails.html"


def test_the_log_is_paginated(importer: Client, treaty: Treaty, django_assert_max_num_queries: Any) -> None:
    empty = text(importer.get(import_url("index")))
    assert "Nothing has been imported yet" in empty
    TreatyImport.objects.bulk_create(
        [
            TreatyImport(treaty=treaty, source="csv", file_name=f"{n}.csv", as_of=DAY, base_fingerprint="")
            for n in range(60)
        ]
    )
    with django_assert_max_num_queries(15):
        first = importer.get(import_url("index"))
    assert "Older" in text(first)
    assert "Newer" in text(importer.get(import_url("index"), {"p": "2"}))
    assert importer.get(import_url("index"), {"p": "soon"}).status_code == 200


def test_the_views_have_no_inline_scripts_and_no_unlabelled_fields(importer: Client, treaty: Treaty) -> None:
    body = importer.get(import_url("add")).content.decode()
    for name in ("treaty", "file", "as_of", "source"):
        assert f'for="id_{name}"' in body
    folder = Path(__file__).resolve().parents[3] / "wagtail_pledge/templates/wagtail_pledge/admin/treaty_import"
    assert all("<script" not in template.read_text() for template in folder.glob("*.html"))
