"""FAQ block: questions and answers for people who are about to sign."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import TranslatedPreviewMixin
from wagtail_pledge.blocks.story import InlineTextBlock


class QuestionBlock(blocks.StructBlock):  # type: ignore[misc]
    """One question and its answer."""

    question = blocks.CharBlock(max_length=200, label=_("Question"))
    answer = InlineTextBlock(label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question")
        label_format = "{question}"


class FAQValue(blocks.StructValue):  # type: ignore[misc]
    """Value of :class:`FAQBlock`; adds ``filled_questions``."""

    @property
    def filled_questions(self) -> list[Any]:
        """Return the items that have a question; a draft may hold empty ones."""
        return [item for item in self["questions"] if item["question"]]


class FAQBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """Questions whose answers open on a click, as ``<details>`` elements without JavaScript."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    questions = blocks.ListBlock(QuestionBlock(), label=_("Questions"))

    class Meta:
        icon = "help"
        value_class = FAQValue
        group = _("Story")
        label = _("Questions and answers")
        description = _("What people ask before they sign. Each answer opens on a click.")
        template = "wagtail_pledge/blocks/faq.html"
        preview_template = "wagtail_pledge/blocks/preview/faq.html"
        preview_value: Final = {
            "heading": _("Questions people ask"),
            "questions": [
                {"question": _("Who sees my name?"), "answer": _("<p>Say who receives what, in plain words.</p>")},
                {"question": _("What happens with the signatures?"), "answer": _("<p>Say when, and to whom.</p>")},
            ],
        }
