"""Content of removed code (a block, a question type, a signer kind) is not shown, and is kept in the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.forms import HtmlForm, forms_in, sign_form_in
from tests.journey import confirm, confirm_all, counted, fresh, sign, sign_url, signatures, submissions, submitted, work
from tests.projects.campaign import publish
from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.forms import _form_class
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.signing.kinds.registry import HOOK
from wagtail_pledge.signing.models import Statement, Tally
from wagtail_pledge.signing.services import freeze_statement

pytestmark = pytest.mark.django_db

GONE = {"type": "gone", "value": {"heading": "Kept", "items": [1, {"a": None}]}, "id": "g1"}
GONE_TOO = {"type": "gone_too", "value": "Also kept", "id": "g2"}
ASKED = [{"question": "Often asked?", "answer": "<p>Answered.</p>"}]
STORY = {"type": "faq", "value": {"heading": "", "questions": ASKED}, "id": "s1"}
OLD_QUESTION = {"type": "retired_type", "value": {"label": "Old postcode", "slug": "zip"}, "id": "q1"}


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    return client


def stored(page: Page, field: str) -> Any:
    """Return the stored value of the field."""
    fresh_page = type(page)._default_manager.get(pk=page.pk)
    return page._meta.get_field(field).get_prep_value(getattr(fresh_page, field))


def types_stored(page: Page, field: str) -> list[str]:
    return [block["type"] for block in stored(page, field)]


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def form_data(editor: Client, page: Page, **more: Any) -> dict[str, str]:
    """Return the data of the unchanged edit form, and ``more`` for blocks and rich text, which need JavaScript."""
    html = editor.get(edit_url(page)).content
    (form,) = [form for form in forms_in(html) if form.attributes.get("id") == "page-edit-form"]
    return {**_fields_of(form), **nested_form_data(more)}


def _fields_of(form: HtmlForm) -> dict[str, str]:
    return {name: value for name, value in form.data.items() if not name.startswith("action-")}


@pytest.mark.requirement("CP9")
class TestRemovedBlock:
    @pytest.fixture
    def page_with_unknown_blocks(self, campaign: PledgePage) -> PledgePage:
        campaign.body = PledgePage._meta.get_field("body").to_python([GONE, STORY, GONE_TOO])
        campaign.save_revision().publish()
        return PledgePage.objects.get(pk=campaign.pk)

    def save(self, editor: Client, page: PledgePage, *blocks: tuple[str, Any], **more: Any) -> Any:
        texts = {name: rich_text("<p>We call.</p>") for name in ("statement", "privacy_note", "thanks_text")}
        form = form_data(editor, page, **texts, body=streamfield(list(blocks)), **more)
        return editor.post(edit_url(page), form)

    def test_it_is_left_out_of_the_page(self, client: Client, page_with_unknown_blocks: PledgePage) -> None:
        answer = client.get(page_with_unknown_blocks.url)
        assert answer.status_code == 200
        assert "Often asked?" in answer.content.decode()
        assert "Kept" not in answer.content.decode()

    @pytest.mark.parametrize("action", [{}, {"action-publish": "Publish"}])
    def test_it_is_kept_when_an_editor_saves(
        self, editor: Client, page_with_unknown_blocks: PledgePage, action: dict[str, str]
    ) -> None:
        assert (
            self.save(editor, page_with_unknown_blocks, ("share", {"heading": "Tell others"}), **action).status_code
            == 302
        )
        page_with_unknown_blocks.refresh_from_db()
        draft = page_with_unknown_blocks.get_latest_revision_as_object()
        raw = PledgePage._meta.get_field("body").get_prep_value(draft.body)
        assert [block["type"] for block in raw] == ["gone", "share", "gone_too"]
        assert (raw[0], raw[2]) == (GONE, GONE_TOO)
        assert types_stored(page_with_unknown_blocks, "body") == (
            ["gone", "share", "gone_too"] if action else ["gone", "faq", "gone_too"]
        )

    def test_it_is_kept_when_the_body_is_emptied(self, editor: Client, page_with_unknown_blocks: PledgePage) -> None:
        assert self.save(editor, page_with_unknown_blocks, **{"action-publish": "Publish"}).status_code == 302
        assert stored(page_with_unknown_blocks, "body") == [GONE, GONE_TOO]

    def test_it_is_copied_with_the_page(self, page_with_unknown_blocks: PledgePage) -> None:
        copy = page_with_unknown_blocks.copy(update_attrs={"slug": "copy", "title": "Copy"}, keep_live=True)
        assert types_stored(PledgePage.objects.get(pk=copy.pk), "body") == ["gone", "faq", "gone_too"]
        copy.get_latest_revision().publish()
        assert types_stored(PledgePage.objects.get(pk=copy.pk), "body") == ["gone", "faq", "gone_too"]

    def test_previews_and_comparisons_work(self, editor: Client, page_with_unknown_blocks: PledgePage) -> None:
        assert page_with_unknown_blocks.make_preview_request().status_code == 200
        self.save(editor, page_with_unknown_blocks)
        first, last = (
            page_with_unknown_blocks.revisions.order_by("pk")[0],
            page_with_unknown_blocks.revisions.order_by("pk").last(),
        )
        compare = reverse("wagtailadmin_pages:revisions_compare", args=[page_with_unknown_blocks.pk, first.pk, last.pk])
        assert editor.get(compare).status_code == 200


@pytest.mark.requirement("SG9")
class TestRemovedQuestionType:
    @pytest.fixture
    def question_page(self, individual: SignerTypePage) -> SignerTypePage:
        asked = {"type": "short_text", "value": {"label": "Your union", "slug": "union"}, "id": "q2"}
        individual.questions = SignerTypePage._meta.get_field("questions").to_python([OLD_QUESTION, asked])
        individual.save_revision().publish()
        return SignerTypePage.objects.get(pk=individual.pk)

    def test_it_is_kept_when_an_editor_saves(self, editor: Client, question_page: SignerTypePage) -> None:
        question = ("yes_no", {"label": "Will you come?", "hint": "", "slug": ""})
        texts = {name: rich_text("") for name in ("intro", "thanks_text")}
        form = form_data(
            editor, question_page, **texts, questions=streamfield([question]), **{"action-publish": "Publish"}
        )
        assert editor.post(edit_url(question_page), form).status_code == 302
        assert stored(question_page, "questions")[0] == OLD_QUESTION
        assert types_stored(question_page, "questions") == ["retired_type", "yes_no"]
        newest = Statement.objects.filter(signer_type=question_page.signer_type).order_by("-number").first()
        assert [question["type"] for question in newest.questions] == ["yes_no"]

    def test_it_is_left_out_of_the_form_of_a_statement(self, client: Client, question_page, campaign, person) -> None:
        current = Statement.objects.filter(signer_type=question_page.signer_type).order_by("-number").first()
        gone = {"slug": "zip", "type": "retired_type", "label": "Old postcode", "required": True}
        freeze_statement(
            signer_type=question_page.signer_type,
            locale="en",
            text=current.text,
            consent=current.consent,
            questions=[gone, *current.questions],
        )
        for page in (campaign, question_page):
            names = sign_form_in(client.get(page.url).content).names
            assert "q_union" in names
            assert "q_zip" not in names
        assert sign(client, question_page.url, **person, q_union="UFW").status_code == 303
        assert submitted().answers == {"union": "UFW"}
        assert [question["slug"] for question in submitted().statement.questions] == ["zip", "union"]


class Council(Individual):
    """Kind that is registered temporarily."""

    slug = "council"
    label = "city council"
    plural = "city councils"
    invitation = "As a city council"


@pytest.fixture
def unregister_kind() -> Iterator[Callable[[], None]]:
    """Register a kind; return a function that unregisters it."""
    registration = hooks.register_temporarily(HOOK, Council)
    registration.__enter__()
    kinds.cache_clear()
    registered = [True]

    def unregister() -> None:
        if registered:
            registered.clear()
            registration.__exit__(None, None, None)
            kinds.cache_clear()
            _form_class.cache_clear()
            cached_responses.clear()

    yield unregister
    unregister()


@pytest.mark.requirement("CP3", "SN1")
class TestRemovedKind:
    @pytest.fixture
    def council(
        self, campaign: PledgePage, individual: SignerTypePage, unregister_kind: Callable[[], None]
    ) -> SignerTypePage:
        made: SignerTypePage = publish(campaign, SignerTypePage(title="As a council", slug="council", kind="council"))
        return made

    def test_its_page_has_no_form_and_is_not_offered(self, client, campaign, council, unregister_kind) -> None:
        assert council.url in client.get(campaign.url).content.decode()
        unregister_kind()
        shown = client.get(council.url)
        assert shown.status_code == 200
        assert "data-stamp-url" not in shown.content.decode()
        html = client.get(campaign.url).content.decode()
        assert council.url not in html
        assert sign_form_in(html).action == sign_url(SignerTypePage.objects.get(kind="individual"))

    def test_it_cannot_be_signed_by_form_or_embed(self, client, council, person, unregister_kind) -> None:
        form = fresh(council, **person)
        unregister_kind()
        assert client.post(sign_url(council), form).status_code == 422
        assert not submissions().exists()
        embedded = client.get(f"/pledge/{council.signer_type.pledge.uuid}/embed/?lang=en&kind=council")
        assert embedded.status_code == 200
        assert sign_url(council) not in embedded.content.decode()

    def test_pending_signatures_get_mail_and_can_be_confirmed(self, client, council, person, unregister_kind) -> None:
        sign(client, council.url, **person)
        unregister_kind()
        work()
        assert [message.to for message in mail.outbox] == [[person["email"]]]
        assert confirm(client, person["email"]).status_code == 303
        row = signatures().get()
        assert (row.state, row.kind, row.name, row.email) == ("confirmed", "council", person["name"], person["email"])
        assert row.public_name == ""

    def test_its_signatures_are_still_counted(self, client, campaign, council, person, unregister_kind) -> None:
        sign(client, council.url, **person)
        work()
        assert confirm(client, person["email"]).status_code == 303
        before = counted(client, campaign.pledge)
        unregister_kind()
        after = counted(client, campaign.pledge)
        assert {**after, "as_of": ""} == {**before, "as_of": ""}
        assert after["kinds"] == {"individual": 0, "organization": 0, "council": 1}
        everything = client.get(f"/pledge/{campaign.pledge.uuid}/pledge.json").json()
        assert everything["kinds"]["council"] == 1
        assert "council" in {statement["kind"] for statement in everything["statements"]}
        assert Tally.objects.get().kind == "council"

    def test_a_signer_still_withdraws(self, client, council, person, unregister_kind) -> None:
        sign(client, council.url, **person)
        work()
        unregister_kind()
        thanks = client.get(confirm(client, person["email"])["Location"]).content.decode()
        (link,) = set(re.findall(r"/pledge/manage/[^\s\"<]+", thanks))
        assert person["name"] in client.get(link).content.decode()
        assert client.post(link, {"action": "withdraw"}).status_code == 303
        assert signatures().get().state == "withdrawn"

    def test_its_page_can_be_edited_and_published(self, editor, council, unregister_kind) -> None:
        unregister_kind()
        texts = {name: rich_text("") for name in ("intro", "thanks_text")}
        form = form_data(editor, council, **texts, questions=streamfield([]), **{"action-publish": "Publish"})
        assert form["kind"] == "council"
        answer = editor.post(edit_url(council), {**form, "title": "For councils"})
        assert answer.status_code == 302
        council.refresh_from_db()
        assert (council.title, council.kind, council.signer_type.kind) == ("For councils", "council", "council")
        assert council.make_preview_request().status_code == 200

    def test_it_is_not_offered_for_new_pages(self, editor, campaign, unregister_kind) -> None:
        unregister_kind()
        add = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        assert b'value="council"' not in editor.get(add).content

    def test_the_campaign_can_be_published(self, campaign, council, unregister_kind) -> None:
        unregister_kind()
        campaign.statement = "<p>Something new.</p>"
        campaign.save_revision().publish()
        newest = {s.signer_type.kind: s.number for s in Statement.objects.order_by("number")}
        assert newest == {"individual": 2, "council": 1}

    def test_staff_can_filter_and_inspect_its_signatures(self, editor, council, person, unregister_kind) -> None:
        sign(Client(), council.url, **person)
        (row,) = confirm_all()
        sign(Client(), council.get_parent().url, **{**person, "email": "luz@example.org"})
        unregister_kind()
        listing = reverse("wagtail_pledge_signatures:index")
        answer = editor.get(listing, {"kind": "council"})
        assert [found.pk for found in answer.context["object_list"]] == [row.pk]
        inspected = editor.get(reverse("wagtail_pledge_signatures:inspect", args=[row.pk])).content.decode()
        assert person["name"] in inspected
        assert person["email"] in inspected
        for name, keys in (
            ("wagtail_pledge_pledges:inspect", [row.pledge_id]),
            ("wagtail_pledge_signer_types:edit", [row.signer_type_id]),
            ("wagtail_pledge_statements:inspect", [row.statement_id]),
        ):
            assert editor.get(reverse(name, args=keys)).status_code == 200, name
