"""Questions of editors: the edit form, the form on the page, and the stored answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.forms import forms_in, sign_form_in
from tests.journey import fresh, sign, sign_url, submissions, submitted
from wagtail_pledge.pages.models import SignerTypePage
from wagtail_pledge.signing.models import Statement

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG9")]

LABELS = ("Fair work", "A safe home", "Papers")
CHOICES = [{"label": label, "value": label.split()[-1].lower()} for label in LABELS]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("short_text", {"label": "Your union", "hint": "Its short name.", "required": False, "slug": "union"}),
    ("choose_many", {"label": "What matters?", "choices": CHOICES, "required": True, "slug": "topics"}),
    ("yes_no", {"label": "Will you come?", "required": False, "slug": "come"}),
    ("number", {"label": "How many of you?", "required": False, "slug": "people"}),
    ("date", {"label": "Since when?", "required": False, "slug": "since"}),
]


def publish_questions(page: Any, questions: list[tuple[str, dict[str, Any]]]) -> Any:
    """Publish ``page`` with these questions."""
    raw = [{"type": type_, "value": value} for type_, value in questions]
    page.questions = page._meta.get_field("questions").to_python(json.dumps(raw))
    page.save_revision().publish()
    return SignerTypePage.objects.get(pk=page.pk)


@pytest.fixture
def question_page(individual: SignerTypePage) -> Any:
    return publish_questions(individual, QUESTIONS)


def post(client: Client, page: Any, **values: Any) -> Any:
    return client.post(sign_url(page), fresh(page, **values))


def post_json(client: Client, page: Any, **values: Any) -> Any:
    body = json.dumps({**fresh(page), **values})
    return client.post(sign_url(page), body, content_type="application/json")


class TestSigning:
    @pytest.mark.parametrize("fixture", ["campaign", "question_page"])
    def test_questions_follow_the_kinds_own_fields(self, client: Client, request, question_page, fixture) -> None:
        html = client.get(request.getfixturevalue(fixture).url).content.decode()
        names = [html.index(f'name="{name}"') for name in ("updates", "q_union", "q_topics", "q_come", "q_since")]
        assert names == sorted(names)
        assert "Its short name." in html

    def test_a_page_without_questions_shows_none(self, client: Client, campaign, individual) -> None:
        assert 'name="q_' not in client.get(campaign.url).content.decode()

    def test_answers_are_stored_without_javascript(self, client: Client, question_page, person) -> None:
        answers = {"q_union": "Tía Rosa", "q_topics": "home", "q_come": "yes", "q_people": "3", "q_since": "1990-12-18"}
        answer = sign(client, question_page.url, **person, **answers)
        assert answer.status_code == 303
        assert submitted().answers == {
            "union": "Tía Rosa",
            "topics": ["home"],
            "come": True,
            "people": 3,
            "since": "1990-12-18",
        }
        assert "Rosa" not in answer["Location"]

    def test_several_checkboxes_are_sent_as_repeated_fields(self, client: Client, question_page, person) -> None:
        assert post(client, question_page, **person, q_topics=["papers", "work"]).status_code == 303
        assert submitted().answers == {"topics": ["work", "papers"]}

    def test_only_multiple_choice_fields_may_be_repeated(self, client: Client, question_page, person) -> None:
        twice = {**person, "q_topics": "work", "city": ["Oakland", "Berkeley"]}
        assert post(client, question_page, **twice).status_code == 400
        answer = post(client, question_page, **person, q_topics="work", q_union=["one", "two"])
        assert answer.status_code == 422
        assert not submissions().exists()

    def test_errors_are_in_the_summary_and_answers_are_kept(self, client: Client, question_page, person) -> None:
        answers = {"q_union": "UFW", "q_come": "no", "q_people": "many", "q_since": "1990-12-18"}
        answer = post(client, question_page, **person, **answers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert '<a href="#sign-q_topics_0">Answer “What matters?”</a>' in html
        assert '<a href="#sign-q_people">Enter a number, like 12</a>' in html
        for element_id in ("sign-q_topics", "sign-q_topics_0", "sign-q_people"):
            assert html.count(f'id="{element_id}"') == 1
        kept = sign_form_in(html).data
        assert {name: kept[name] for name in answers} == answers

    def test_checkboxes_stay_checked(self, client: Client, question_page, person) -> None:
        answer = post(client, question_page, **person, q_topics=["work", "papers"], q_people="many")
        html = answer.content.decode()
        assert html.count(" checked") == 2 + len({"q_come"})
        assert html.count(" selected") == len({"display", "country"})

    def test_a_form_that_could_not_be_stored_keeps_its_answers(
        self, client: Client, question_page, person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_values: Any) -> None:
            raise OperationalError

        with monkeypatch.context() as broken:
            broken.setattr("wagtail_pledge.campaigns.views.sign.submit", fail)
            answer = post(client, question_page, **person, q_topics=["work", "papers"])
        assert answer.status_code == 503
        (form,) = [form for form in forms_in(answer.content) if form.method == "post"]
        assert form.data["q_topics"] == "papers"
        assert answer.content.decode().count('name="q_topics"') == 2

    @pytest.mark.requirement("P1")
    def test_signing_needs_no_more_statements(self, client: Client, question_page, person) -> None:
        url, answers = sign_url(question_page), {"q_topics": "work", "q_union": "UFW"}
        forms = [fresh(question_page, **{**person, "email": f"p{n}@example.org"}, **answers) for n in range(2)]
        for form, expected in zip(forms, (["SELECT", "INSERT"], ["INSERT"]), strict=True):
            with CaptureQueriesContext(connection) as captured:
                assert client.post(url, form).status_code == 303
            assert [query["sql"].split()[0] for query in captured.captured_queries] == expected

    def test_an_outdated_form_is_shown_again_with_the_new_questions(
        self, client: Client, question_page, person
    ) -> None:
        form = fresh(question_page, **person, q_topics="work", q_union="UFW")
        publish_questions(
            question_page, [*QUESTIONS[:2], ("yes_no", {"label": "New?", "required": True, "slug": "new"})]
        )
        answer = client.post(sign_url(question_page), form)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "The text has changed" in html
        kept = sign_form_in(html).data
        assert (kept["q_topics"], kept["q_union"]) == ("work", "UFW")
        assert "q_new" in sign_form_in(html).names

    @pytest.mark.requirement("B7")
    def test_answers_are_not_logged(
        self, client: Client, question_page, person, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        post(client, question_page, **person, q_topics="work", q_union="Canary-union")
        post(client, question_page, **person, q_topics="Canary-topic", q_union="Canary-union")
        written = [record for record in caplog.records if record.name != "django.db.backends"]
        assert "Canary" not in "".join(record.getMessage() for record in written)


class TestJson:
    def test_answers_may_have_json_types(self, client: Client, question_page, person) -> None:
        answers = {"q_topics": ["work", "home"], "q_come": False, "q_people": 2.5, "q_union": "UFW"}
        assert post_json(client, question_page, **person, **answers).status_code == 202
        assert submitted().answers == {"topics": ["work", "home"], "come": False, "people": 2.5, "union": "UFW"}

    def test_answers_may_be_strings(self, client: Client, question_page, person) -> None:
        assert (
            post_json(client, question_page, **person, q_topics="work", q_come="yes", q_people="2").status_code == 202
        )
        assert submitted().answers == {"topics": ["work"], "come": True, "people": 2}

    @pytest.mark.parametrize("value", [None, {}, {"a": "b"}, [1], [["work"]], [None]])
    def test_other_json_types_are_malformed(self, client: Client, question_page, person, value: Any) -> None:
        answer = post_json(client, question_page, **person, q_topics=value)
        assert answer.status_code == 400
        assert not submissions().exists()

    @pytest.mark.parametrize(("field", "value"), [("city", ["Oakland"]), ("city", 1), ("name", 1.5)])
    def test_other_fields_must_be_strings(self, client: Client, question_page, person, field: str, value: Any) -> None:
        assert post_json(client, question_page, **{**person, "q_topics": "work", field: value}).status_code == 400

    @pytest.mark.parametrize("value", [[], ["other"], True, 7, "", "\x00", "\ud800"])
    def test_an_invalid_answer_is_an_error_of_the_question(
        self, client: Client, question_page, person, value: Any
    ) -> None:
        answer = post_json(client, question_page, **person, q_topics=value)
        assert answer.status_code == 422
        assert set(answer.json()["errors"]) == {"q_topics"}


class TestEditor:
    @pytest.fixture
    def editor(self, client: Client) -> Client:
        client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
        return client

    def form_data(self, page: Any, *questions: tuple[str, dict[str, Any]], **more: Any) -> dict[str, str]:
        texts = ("button_text", "consent_sign", "consent_updates", "consent_authority", "confirmation_subject")
        texts += ("confirmation_text", "thanks_heading", "seo_title", "search_description")
        return nested_form_data(
            {
                **dict.fromkeys(texts, ""),
                "title": page.title,
                "slug": page.slug,
                "kind": page.kind,
                "intro": rich_text(""),
                "thanks_text": rich_text(""),
                "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
                "questions": streamfield(list(questions)),
                **more,
            }
        )

    def test_a_published_question_is_on_the_page(self, editor: Client, individual) -> None:
        options = [("item", {"label": "Work", "value": ""}), ("item", {"label": "Home", "value": ""})]
        form = self.form_data(
            individual,
            ("choose_one", {"label": "What matters?", "hint": "", "slug": "", "choices": streamfield(options)}),
            **{"action-publish": "Publish"},
        )
        edit = reverse("wagtailadmin_pages:edit", args=[individual.pk])
        assert editor.get(edit).status_code == 200
        assert editor.post(edit, form).status_code == 302
        page = SignerTypePage.objects.get(pk=individual.pk)
        assert page.questions[0].value["slug"] == "what_matters"
        statement = Statement.objects.filter(signer_type=page.signer_type).order_by("-number").first()
        assert statement.questions == [
            {
                "slug": "what_matters",
                "type": "choose_one",
                "label": "What matters?",
                "choices": [["work", "Work"], ["home", "Home"]],
            }
        ]
        assert 'value="home"' in editor.get(page.url).content.decode()

    def test_questions_with_equal_names_are_invalid(self, editor: Client, individual) -> None:
        same_name = {"hint": "", "slug": "age"}
        form = self.form_data(
            individual,
            ("number", {"label": "Age", **same_name}),
            ("number", {"label": "Your age", **same_name}),
            **{"action-publish": "Publish"},
        )
        answer = editor.post(reverse("wagtailadmin_pages:edit", args=[individual.pk]), form)
        assert answer.status_code == 200
        assert "Another question already uses this name" in answer.content.decode()
        assert not SignerTypePage.objects.get(pk=individual.pk).questions

    def test_the_preview_shows_the_draft_and_creates_no_statement(self, editor: Client, individual) -> None:
        before = Statement.objects.count()
        form = self.form_data(individual, ("yes_no", {"label": "Will you come?", "hint": "", "slug": ""}))
        preview = reverse("wagtailadmin_pages:preview_on_edit", args=[individual.pk])
        assert editor.post(preview, form).json()["is_valid"]
        assert "Will you come?" in editor.get(preview).content.decode()
        assert Statement.objects.count() == before

    def test_a_question_of_an_unknown_type_is_kept_and_not_shown(self, client: Client, question_page, person) -> None:
        gone = {"type": "retired_type", "value": {"label": "Old"}, "id": "1"}
        field = SignerTypePage._meta.get_field("questions")
        question_page.questions = field.to_python([gone, *field.get_prep_value(question_page.questions)])
        question_page.save_revision().publish()
        assert client.get(question_page.url).status_code == 200
        again = SignerTypePage.objects.get(pk=question_page.pk)
        assert field.get_prep_value(again.questions)[0] == gone
        assert post(client, again, **person, q_topics="work").status_code == 303

    def test_removing_a_question_keeps_its_answers(self, client: Client, question_page, person) -> None:
        post(client, question_page, **person, q_topics="work", q_union="UFW")
        publish_questions(question_page, [])
        assert 'name="q_' not in client.get(question_page.url).content.decode()
        signature = submitted()
        assert signature.answers == {"topics": ["work"], "union": "UFW"}
        assert [question["slug"] for question in signature.statement.questions][:2] == ["union", "topics"]
