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

from wagtail_pledge.blocks.base import FoldingBlock
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.questions import Question, QuestionType, question_field, question_types

MAX_QUESTIONS: Final = 20
MIN_CHOICES: Final = 2
MAX_CHOICES: Final = 20
SLUG_CHARS: Final = 30
#: Bytes of a form's body that are left to the kind's own fields, the stamp and the proof of work.
OWN_BYTES: Final = 8 * 1024
_SLUG: Final = r"^[a-z0-9_]{1,30}\Z"
_SLUG_ERROR: Final = {"invalid": gettext_lazy("Up to 30 letters from a to z, digits and underscores")}


class ChoiceBlock(FoldingBlock):
    """One answer of a list."""

    folded = ("value",)

    label = blocks.CharBlock(max_length=100, label=gettext_lazy("Answer"))
    value = blocks.RegexBlock(
        regex=_SLUG,
        required=False,
        error_messages=_SLUG_ERROR,
        label=gettext_lazy("Name in exports"),
        help_text=gettext_lazy("Made when you save; stays when you change the answer’s words."),
    )

    class Meta:
        icon = "radio-empty"
        label = gettext_lazy("Answer")
        label_format = "{label}"


class SignerQuestionBlock(FoldingBlock):
    """One question of one type."""

    folded = ("slug",)

    def __init__(self, asked_as: QuestionType, **kwargs: Any) -> None:
        self.asked_as = asked_as
        super().__init__(_children(asked_as), **kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse answers that can't be told apart."""
        cleaned = super().clean(value)
        given = cleaned.get("choices") or ()
        stored = [choice["value"] for choice in given if choice["value"]]
        if _has_twins([choice["label"] for choice in given]) or _has_twins(stored):
            error = ValidationError(_("Two answers are the same"), code="twins")
            raise StructBlockValidationError(block_errors={"choices": error})
        return cleaned

    def question(self, value: Mapping[str, Any]) -> Question | None:
        """Return the question, or ``None`` while it can't be asked: nothing to read, or nothing to choose."""
        choices = tuple((choice["value"], choice["label"]) for choice in value.get("choices") or () if choice["label"])
        if not value.get("label") or (self.asked_as.has_choices and not choices):
            return None
        return Question(
            slug=value["slug"],
            type=self.asked_as.slug,
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
        known = [(slug, _block_of(asked_as)) for slug, asked_as in question_types().items()]
        super().__init__([*known, *local_blocks], **kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse two questions of one name, and more to write than a form may carry."""
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        give_slugs(cleaned)
        _refuse_twins(cleaned)
        longest = sum(child.block.asked_as.longest(q) for child, q in _asked(cleaned) if q is not None)
        if longest > get_setting("SIGN_BODY_MAX_BYTES") - OWN_BYTES:
            message = _("Ask less: the longest answers to all of this would be more than the form can carry.")
            raise StreamBlockValidationError(non_block_errors=ErrorList([ValidationError(message, code="too_much")]))
        return cleaned

    class Meta:
        max_num = MAX_QUESTIONS


def give_slugs(stream: Any) -> None:
    """Give each question and each choice that has words its lasting name; the names given before stay."""
    taken = {child.value.get("slug") for child in stream}
    for child in stream:
        _name(child.value, "slug", taken, fallback="question")
        choices = child.value.get("choices") or ()
        values = {choice.get("value") for choice in choices}
        for choice in choices:
            _name(choice, "value", values, fallback="answer")


def asked_questions(stream: Any) -> list[dict[str, Any]]:
    """Return the questions that can be asked, as a statement stores them."""
    if not stream:
        return []
    give_slugs(stream)
    return [question.as_json() for _child, question in _asked(stream) if question is not None]


def _children(asked_as: QuestionType) -> list[tuple[str, Any]]:
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
                help_text=gettext_lazy("Stands below the question."),
            ),
        ),
        *([("choices", choices)] if asked_as.has_choices else []),
        (
            "required",
            blocks.BooleanBlock(
                required=False,
                label=gettext_lazy("An answer is needed"),
                help_text=gettext_lazy("Nobody can sign without one. Each needed answer costs signatures."),
            ),
        ),
        (
            "slug",
            blocks.RegexBlock(
                regex=_SLUG,
                required=False,
                error_messages=_SLUG_ERROR,
                label=gettext_lazy("Name in exports"),
                help_text=gettext_lazy(
                    "Made when you save; stays when you change the question’s words. Use the same name for the same "
                    "question in another language."
                ),
            ),
        ),
    ]


def _block_of(asked_as: QuestionType) -> SignerQuestionBlock:
    sample: dict[str, Any] = {"label": _("Your question"), "hint": "", "required": True, "slug": "sample"}
    if asked_as.has_choices:
        sample["choices"] = [{"label": _("One answer"), "value": "one"}, {"label": _("Another answer"), "value": "two"}]
    return SignerQuestionBlock(
        asked_as,
        label=asked_as.label,
        description=asked_as.description,
        icon=asked_as.icon,
        label_format="{label}",
        preview_value=sample,
    )


def _asked(stream: Any) -> Iterable[tuple[Any, Question | None]]:
    return [(child, child.block.question(child.value)) for child in stream]


def _has_twins(texts: list[str]) -> bool:
    return len(texts) != len(set(texts))


def _refuse_twins(stream: Any) -> None:
    seen: set[str] = set()
    errors: dict[int, Exception] = {}
    for index, child in enumerate(stream):
        slug = child.value.get("slug")
        if slug in seen:
            error = ValidationError(_("Another question has this name"), code="twins")
            errors[index] = StructBlockValidationError(block_errors={"slug": error})
        seen.add(slug)
    if errors:
        raise StreamBlockValidationError(block_errors=errors)


def _name(value: Any, key: str, taken: set[str | None], *, fallback: str) -> None:
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
