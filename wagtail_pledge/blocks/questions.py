"""Blocks for additional questions to signers: one block per registered question type."""

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
#: Bytes of the request body reserved for the signer kind's own fields, the form token and the proof of work.
RESERVED_BYTES: Final = 8 * 1024
_SLUG: Final = r"^[a-z0-9_]{1,30}\Z"
_SLUG_ERROR: Final = {"invalid": gettext_lazy("Use up to 30 lowercase letters (a to z), digits and underscores")}


class ChoiceBlock(BlockWithSettings):
    """One of the answers to choose from; ``value`` is its column name in exports."""

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
    """One question; its child blocks depend on ``question_type``."""

    settings_fields = ("slug",)

    def __init__(self, question_type: QuestionType, **kwargs: Any) -> None:
        self.question_type = question_type
        super().__init__(_children(question_type), **kwargs)

    def clean(self, value: Any) -> Any:
        """Reject choices with the same label or the same column name."""
        cleaned = super().clean(value)
        choices = cleaned.get("choices") or ()
        names = [choice["value"] for choice in choices if choice["value"]]
        if _has_duplicates([choice["label"] for choice in choices]) or _has_duplicates(names):
            error = ValidationError(_("Two answers are the same"), code="duplicate")
            raise StructBlockValidationError(block_errors={"choices": error})
        return cleaned

    def question(self, value: Mapping[str, Any]) -> Question | None:
        """Return the question, or ``None`` while it is incomplete: without a label, or without the choices it needs."""
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
        """Add ``form``, a form with the question as its only field."""
        form = Form(auto_id="sample-%s")
        question = self.question(value)
        if question is not None:
            form.fields[question.name] = question_field(question)
        return {**super().get_preview_context(value, parent_context), "form": form}

    class Meta:
        preview_template = "wagtail_pledge/blocks/preview/question.html"


class QuestionsBlock(blocks.StreamBlock):  # type: ignore[misc]
    """The questions of a signer-type page. The hook ``register_pledge_question_types`` adds question types."""

    def __init__(self, local_blocks: Any = (), **kwargs: Any) -> None:
        registered = [(slug, _build_block(question_type)) for slug, question_type in question_types().items()]
        super().__init__([*registered, *local_blocks], **kwargs)

    def clean(self, value: Any) -> Any:
        """Assign slugs; reject duplicate slugs, and questions whose longest answers exceed the form's size limit."""
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
    """Give each question and choice that has a label a slug, unless it has one: slugs stay when labels change."""
    taken = {child.value.get("slug") for child in stream}
    for child in stream:
        _assign_slug(child.value, "slug", taken, fallback="question")
        choices = child.value.get("choices") or ()
        values = {choice.get("value") for choice in choices}
        for choice in choices:
            _assign_slug(choice, "value", values, fallback="answer")


def serialize_questions(stream: Any) -> list[dict[str, Any]]:
    """Return the complete questions as JSON data, as a statement stores them; assigns missing slugs."""
    if not stream:
        return []
    assign_slugs(stream)
    return [question.as_json() for _child, question in _iter_questions(stream) if question is not None]


def _children(question_type: QuestionType) -> list[tuple[str, Any]]:
    choices = blocks.ListBlock(
        ChoiceBlock(),
        min_num=MIN_CHOICES,
        max_num=MAX_CHOICES,
        # As many as min_num: Wagtail's default of one would show an error before anything is typed
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
            error = ValidationError(_("Another question already uses this name"), code="duplicate")
            errors[index] = StructBlockValidationError(block_errors={"slug": error})
        seen.add(slug)
    if errors:
        raise StreamBlockValidationError(block_errors=errors)


def _assign_slug(value: Any, key: str, taken: set[str | None], *, fallback: str) -> None:
    """Set ``value[key]`` to a slug of its label that is not in ``taken``, unless it has one or has no label."""
    if value.get(key) or not value.get("label"):
        return
    stem = re.sub(r"[^a-z0-9_]", "", slugify(value["label"]).replace("-", "_"))[:SLUG_CHARS].strip("_") or fallback
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem[: SLUG_CHARS - 3]}_{number}"
    taken.add(slug)
    value[key] = slug
