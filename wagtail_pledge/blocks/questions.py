"""What editors ask signers besides the kind's own fields: one block for each type of question that the site knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.forms import Form
from django.forms.utils import ErrorList
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks import StreamBlockValidationError, StructBlockValidationError

from wagtail_pledge.blocks.base import BlockWithSettings
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.questions import Question, QuestionType, question_field, question_types

MAX_QUESTIONS: Final = 20
MIN_CHOICES: Final = 2
MAX_CHOICES: Final = 20
SLUG_CHARS: Final = 30
#: Bytes of a form's body that are left to the kind's own fields, the stamp and the proof of work.
RESERVED_BYTES: Final = 8 * 1024
_SLUG: Final = r"^[a-z0-9_]{1,30}\Z"
_SLUG_ERROR: Final = {"invalid": gettext_lazy("Use up to 30 lowercase letters (a to z), digits and underscores")}


class ChoiceBlock(BlockWithSettings):
    """One answer of a list."""

    settings_fields = ("value",)

    label = blocks.CharBlock(max_length=100, label=gettext_lazy("Answer"))
    value = blocks.RegexBlock(
        regex=_SLUG,
        required=False,
        error_messages=_SLUG_ERROR,
        label=gettext_lazy("Column name in exports"),
        help_text=gettext_lazy("Created when you save. It stays the same if you edit the answer."),
    )

    class Meta:
        icon = "radio-empty"
        label = gettext_lazy("Answer")
        label_format = "{label}"


class SignerQuestionBlock(BlockWithSettings):
    """One question of one type."""

    settings_fields = ("slug",)

    def __init__(self, question_type: QuestionType, **kwargs: Any) -> None:
        self.question_type = question_type
        super().__init__(_children(question_type), **kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse answers that can't be told apart."""
        cleaned = super().clean(value)
        given = cleaned.get("choices") or ()
        stored = [choice["value"] for choice in given if choice["value"]]
        if _has_duplicates([choice["label"] for choice in given]) or _has_duplicates(stored):
            error = ValidationError(_("Two answers are the same"), code="twins")
            raise StructBlockValidationError(block_errors={"choices": error})
        return cleaned

    def question(self, value: Mapping[str, Any]) -> Question | None:
        """Return the question, or ``None`` while it can't be asked: nothing to read, or nothing to choose."""
        choices = tuple((choice["value"], choice["label"]) for choice in value.get("choices") or () if choice["label"])
        if not value.get("label") or (self.question_type.has_choices and not choices):
            return None
        return Question(
            slug=value["slug"],
            type=self.question_type.slug,
            label=value["label"],
            hint=value.get("hint") or "",
            required=bool(value.get("required")),
            choices=choices,
        )

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``form``, whose one field is the question as signers meet it."""
        form = Form(auto_id="sample-%s")
        question = self.question(value)
        if question is not None:
            form.fields[question.name] = question_field(question)
        return {**super().get_preview_context(value, parent_context), "form": form}

    class Meta:
        preview_template = "wagtail_pledge/blocks/preview/question.html"


class QuestionsBlock(blocks.StreamBlock):  # type: ignore[misc]
    """All questions of a signer-type page. A site adds a type with the hook ``register_pledge_question_types``."""

    def __init__(self, local_blocks: Any = (), **kwargs: Any) -> None:
        known = [(slug, _build_block(question_type)) for slug, question_type in question_types().items()]
        super().__init__([*known, *local_blocks], **kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse two questions of one name, and more to write than a form may carry."""
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        assign_slugs(cleaned)
        _reject_duplicates(cleaned)
        longest = sum(
            child.block.question_type.max_answer_bytes(q) for child, q in _iter_questions(cleaned) if q is not None
        )
        if longest > get_setting("SIGN_BODY_MAX_BYTES") - RESERVED_BYTES:
            message = _(
                "Too many questions: the longest possible answers would exceed the form’s limit. "
                "Remove or shorten some."
            )
            raise StreamBlockValidationError(non_block_errors=ErrorList([ValidationError(message, code="too_much")]))
        return cleaned

    class Meta:
        max_num = MAX_QUESTIONS


def assign_slugs(stream: Any) -> None:
    """Give each question and each choice that has words its lasting name; the names given before stay."""
    taken = {child.value.get("slug") for child in stream}
    for child in stream:
        _assign_slug(child.value, "slug", taken, fallback="question")
        choices = child.value.get("choices") or ()
        values = {choice.get("value") for choice in choices}
        for choice in choices:
            _assign_slug(choice, "value", values, fallback="answer")


def serialize_questions(stream: Any) -> list[dict[str, Any]]:
    """Return the questions that can be asked, as a statement stores them."""
    if not stream:
        return []
    assign_slugs(stream)
    return [question.as_json() for _child, question in _iter_questions(stream) if question is not None]


def _children(question_type: QuestionType) -> list[tuple[str, Any]]:
    choices = blocks.ListBlock(
        ChoiceBlock(),
        min_num=MIN_CHOICES,
        max_num=MAX_CHOICES,
        # As many empty ones as there must be: Wagtail's single one is an error before anything is typed
        default=[{"label": "", "value": ""}] * MIN_CHOICES,
        label=gettext_lazy("Answers to choose from"),
    )
    return [
        ("label", blocks.CharBlock(max_length=200, label=gettext_lazy("Question"))),
        (
            "hint",
            blocks.CharBlock(
                required=False,
                max_length=300,
                label=gettext_lazy("Hint"),
                help_text=gettext_lazy("Shown below the question."),
            ),
        ),
        *([("choices", choices)] if question_type.has_choices else []),
        (
            "required",
            blocks.BooleanBlock(
                required=False,
                label=gettext_lazy("Required"),
                help_text=gettext_lazy(
                    "People cannot sign without answering. Every required question costs you signatures."
                ),
            ),
        ),
        (
            "slug",
            blocks.RegexBlock(
                regex=_SLUG,
                required=False,
                error_messages=_SLUG_ERROR,
                label=gettext_lazy("Column name in exports"),
                help_text=gettext_lazy(
                    "Created when you save. It stays the same if you edit the question. Use the same "
                    "name for the same question in other languages."
                ),
            ),
        ),
    ]


def _build_block(question_type: QuestionType) -> SignerQuestionBlock:
    sample: dict[str, Any] = {"label": _("Your question"), "hint": "", "required": True, "slug": "sample"}
    if question_type.has_choices:
        sample["choices"] = [{"label": _("One answer"), "value": "one"}, {"label": _("Another answer"), "value": "two"}]
    return SignerQuestionBlock(
        question_type,
        label=question_type.label,
        description=question_type.description,
        icon=question_type.icon,
        label_format="{label}",
        preview_value=sample,
    )


def _iter_questions(stream: Any) -> Iterable[tuple[Any, Question | None]]:
    return [(child, child.block.question(child.value)) for child in stream]


def _has_duplicates(texts: list[str]) -> bool:
    return len(texts) != len(set(texts))


def _reject_duplicates(stream: Any) -> None:
    seen: set[str] = set()
    errors: dict[int, Exception] = {}
    for index, child in enumerate(stream):
        slug = child.value.get("slug")
        if slug in seen:
            error = ValidationError(_("Another question already uses this name"), code="twins")
            errors[index] = StructBlockValidationError(block_errors={"slug": error})
        seen.add(slug)
    if errors:
        raise StreamBlockValidationError(block_errors=errors)


def _assign_slug(value: Any, key: str, taken: set[str | None], *, fallback: str) -> None:
    """Put a name made of ``label`` under ``key``, unless one is there."""
    if value.get(key) or not value.get("label"):
        return
    stem = re.sub(r"[^a-z0-9_]", "", slugify(value["label"]).replace("-", "_"))[:SLUG_CHARS].strip("_") or fallback
    made, number = stem, 1
    while made in taken:
        number += 1
        made = f"{stem[: SLUG_CHARS - 3]}_{number}"
    taken.add(made)
    value[key] = made
