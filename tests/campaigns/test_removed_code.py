"""What code no longer knows: a block, a type of question, a kind of signer. It is not shown, nothing breaks, nothing is
lost.
"""

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
from tests.journey import confirm, counted, fresh, sign, sign_url, signatures, work
from tests.projects.campaign import publish
from wagtail_pledge.api.pledges import answers
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.forms import _form_class
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.signing.kinds.registry import HOOK
from wagtail_pledge.signing.models import OutboxMessage, Statement, Tally
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
    """What the database holds of the field, as it is."""
    fresh_page = type(page)._default_manager.get(pk=page.pk)
    return page._meta.get_field(field).get_prep_value(getattr(fresh_page, field))


def types_stored(page: Page, field: str) -> list[str]:
    return [block["type"] for block in stored(page, field)]


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def typed(editor: Client, page: Page, **more: Any) -> dict[str, str]:
    """What a browser posts of the edit form as it stands; blocks and rich text are added, scripts make those."""
    html = editor.get(edit_url(page)).content
    (form,) = [form for form in forms_in(html) if form.attributes.get("id") == "page-edit-form"]
    return {**_own(form), **nested_form_data(more)}


def _own(form: HtmlForm) -> dict[str, str]:
    return {name: value for name, value in form.data.items() if not name.startswith("action-")}


@pytest.mark.requirement("CP9")
class TestABlock:
    @pytest.fixture
    def telling(self, campaign: PledgePage) -> PledgePage:
        campaign.body = PledgePage._meta.get_field("body").to_python([GONE, STORY, GONE_TOO])
        campaign.save_revision().publish()
        return PledgePage.objects.get(pk=campaign.pk)

    def save(self, editor: Client, page: PledgePage, *blocks: tuple[str, Any], **more: Any) -> Any:
        texts = {name: rich_text("<p>We call.</p>") for name in ("statement", "privacy_note", "thanks_text")}
        form = typed(editor, page, **texts, body=streamfield(list(blocks)), **more)
        return editor.post(edit_url(page), form)

    def test_is_left_out_of_the_page(self, client: Client, telling: PledgePage) -> None:
        answer = client.get(telling.url)
        assert answer.status_code == 200
        assert "Often asked?" in answer.content.decode()
        assert "Kept" not in answer.content.decode()

    @pytest.mark.parametrize("action", [{}, {"action-publish": "Publish"}])
    def test_outlives_the_editors_saving(self, editor: Client, telling: PledgePage, action: dict[str, str]) -> None:
        assert self.save(editor, telling, ("share", {"heading": "Tell others"}), **action).status_code == 302
        telling.refresh_from_db()
        draft = telling.get_latest_revision_as_object()
        raw = PledgePage._meta.get_field("body").get_prep_value(draft.body)
        assert [block["type"] for block in raw] == ["gone", "share", "gone_too"]
        assert (raw[0], raw[2]) == (GONE, GONE_TOO)
        assert types_stored(telling, "body") == (
            ["gone", "share", "gone_too"] if action else ["gone", "faq", "gone_too"]
        )

    def test_outlives_an_emptied_body(self, editor: Client, telling: PledgePage) -> None:
        assert self.save(editor, telling, **{"action-publish": "Publish"}).status_code == 302
        assert stored(telling, "body") == [GONE, GONE_TOO]

    def test_goes_along_with_a_copy(self, telling: PledgePage) -> None:
        copy = telling.copy(update_attrs={"slug": "copy", "title": "Copy"}, keep_live=True)
        assert types_stored(PledgePage.objects.get(pk=copy.pk), "body") == ["gone", "faq", "gone_too"]
        copy.get_latest_revision().publish()
        assert types_stored(PledgePage.objects.get(pk=copy.pk), "body") == ["gone", "faq", "gone_too"]

    def test_does_not_disturb_previews_and_comparisons(self, editor: Client, telling: PledgePage) -> None:
        assert telling.make_preview_request().status_code == 200
        self.save(editor, telling)
        first, last = telling.revisions.order_by("pk")[0], telling.revisions.order_by("pk").last()
        compare = reverse("wagtailadmin_pages:revisions_compare", args=[telling.pk, first.pk, last.pk])
        assert editor.get(compare).status_code == 200


@pytest.mark.requirement("SG9")
class TestAQuestion:
    @pytest.fixture
    def asking(self, individual: SignerTypePage) -> SignerTypePage:
        asked = {"type": "short_text", "value": {"label": "Your union", "slug": "union"}, "id": "q2"}
        individual.questions = SignerTypePage._meta.get_field("questions").to_python([OLD_QUESTION, asked])
        individual.save_revision().publish()
        return SignerTypePage.objects.get(pk=individual.pk)

    def test_outlives_the_editors_saving(self, editor: Client, asking: SignerTypePage) -> None:
        question = ("yes_no", {"label": "Will you come?", "hint": "", "slug": ""})
        texts = {name: rich_text("") for name in ("intro", "thanks_text")}
        form = typed(editor, asking, **texts, questions=streamfield([question]), **{"action-publish": "Publish"})
        assert editor.post(edit_url(asking), form).status_code == 302
        assert stored(asking, "questions")[0] == OLD_QUESTION
        assert types_stored(asking, "questions") == ["retired_type", "yes_no"]
        newest = Statement.objects.filter(signer_type=asking.signer_type).order_by("-number").first()
        assert [question["type"] for question in newest.questions] == ["yes_no"]

    def test_in_a_frozen_statement_is_not_asked_and_the_rest_is(self, client: Client, asking, campaign, person) -> None:
        current = Statement.objects.filter(signer_type=asking.signer_type).order_by("-number").first()
        gone = {"slug": "zip", "type": "retired_type", "label": "Old postcode", "required": True}
        freeze_statement(
            signer_type=asking.signer_type,
            locale="en",
            text=current.text,
            consent=current.consent,
            questions=[gone, *current.questions],
        )
        for page in (campaign, asking):
            names = sign_form_in(client.get(page.url).content).names
            assert "q_union" in names
            assert "q_zip" not in names
        assert sign(client, asking.url, **person, q_union="UFW").status_code == 303
        assert signatures().get().answers == {"union": "UFW"}
        assert [question["slug"] for question in signatures().get().statement.questions] == ["zip", "union"]


class Council(Individual):
    """Registered for a while."""

    slug = "council"
    label = "city council"
    plural = "city councils"
    invitation = "As a city council"


@pytest.fixture
def retire() -> Iterator[Callable[[], None]]:
    """Register a kind; the function that tests get takes its code away."""
    known = hooks.register_temporarily(HOOK, Council)
    known.__enter__()
    kinds.cache_clear()
    here = [True]

    def away() -> None:
        if here:
            here.clear()
            known.__exit__(None, None, None)
            kinds.cache_clear()
            _form_class.cache_clear()
            answers.clear()

    yield away
    away()


@pytest.mark.requirement("CP3", "SN1")
class TestAKind:
    @pytest.fixture
    def council(self, campaign: PledgePage, individual: SignerTypePage, retire: Callable[[], None]) -> SignerTypePage:
        made: SignerTypePage = publish(campaign, SignerTypePage(title="As a council", slug="council", kind="council"))
        return made

    def test_keeps_its_page_without_a_form_and_is_no_way_to_sign(self, client, campaign, council, retire) -> None:
        assert council.url in client.get(campaign.url).content.decode()
        retire()
        shown = client.get(council.url)
        assert shown.status_code == 200
        assert "data-stamp-url" not in shown.content.decode()
        html = client.get(campaign.url).content.decode()
        assert council.url not in html
        assert sign_form_in(html).action == sign_url(SignerTypePage.objects.get(kind="individual"))

    def test_takes_no_name_by_any_door(self, client, council, person, retire) -> None:
        form = fresh(council, **person)
        retire()
        assert client.post(sign_url(council), form).status_code == 422
        assert not signatures().exists()
        assert not OutboxMessage.objects.exists()
        embedded = client.get(f"/pledge/{council.signer_type.pledge.uuid}/embed/?lang=en&kind=council")
        assert embedded.status_code == 200
        assert sign_url(council) not in embedded.content.decode()

    def test_its_mail_still_goes_out_and_what_was_begun_can_be_finished(self, client, council, person, retire) -> None:
        sign(client, council.url, **person)
        retire()
        work()
        assert [letter.to for letter in mail.outbox] == [[person["email"]]]
        assert confirm(client, person["email"]).status_code == 303
        row = signatures().get()
        assert (row.state, row.kind, row.name, row.email) == ("confirmed", "council", person["name"], person["email"])
        assert row.public_name == ""

    def test_its_signatures_stay_in_every_number(self, client, campaign, council, person, retire) -> None:
        sign(client, council.url, **person)
        work()
        assert confirm(client, person["email"]).status_code == 303
        before = counted(client, campaign.pledge)
        retire()
        after = counted(client, campaign.pledge)
        assert {**after, "as_of": ""} == {**before, "as_of": ""}
        assert after["kinds"] == {"individual": 0, "organization": 0, "council": 1}
        everything = client.get(f"/pledge/{campaign.pledge.uuid}/pledge.json").json()
        assert everything["kinds"]["council"] == 1
        assert "council" in {statement["kind"] for statement in everything["statements"]}
        assert Tally.objects.get().kind == "council"

    def test_a_signer_still_withdraws(self, client, council, person, retire) -> None:
        sign(client, council.url, **person)
        work()
        retire()
        thanks = client.get(confirm(client, person["email"])["Location"]).content.decode()
        (link,) = set(re.findall(r"/pledge/manage/[^\s\"<]+", thanks))
        assert person["name"] in client.get(link).content.decode()
        assert client.post(link, {"action": "withdraw"}).status_code == 303
        assert signatures().get().state == "withdrawn"

    def test_its_page_is_edited_and_published_as_before(self, editor, council, retire) -> None:
        retire()
        texts = {name: rich_text("") for name in ("intro", "thanks_text")}
        form = typed(editor, council, **texts, questions=streamfield([]), **{"action-publish": "Publish"})
        assert form["kind"] == "council"
        answer = editor.post(edit_url(council), {**form, "title": "For councils"})
        assert answer.status_code == 302
        council.refresh_from_db()
        assert (council.title, council.kind, council.signer_type.kind) == ("For councils", "council", "council")
        assert council.make_preview_request().status_code == 200

    def test_a_new_page_of_it_cannot_be_made(self, editor, campaign, retire) -> None:
        retire()
        add = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
        assert b'value="council"' not in editor.get(add).content

    def test_the_campaign_is_published_as_before(self, campaign, council, retire) -> None:
        retire()
        campaign.statement = "<p>Something new.</p>"
        campaign.save_revision().publish()
        newest = {s.signer_type.kind: s.number for s in Statement.objects.order_by("number")}
        assert newest == {"individual": 2, "council": 1}

    def test_staff_list_find_and_read_its_signatures(self, editor, council, person, retire) -> None:
        sign(Client(), council.url, **person)
        row = signatures().get()
        sign(Client(), council.get_parent().url, **{**person, "email": "luz@example.org"})
        retire()
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
