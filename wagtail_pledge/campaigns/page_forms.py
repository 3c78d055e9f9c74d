"""What an editor's form of our pages asks beyond its fields."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext
from wagtail.admin.forms import WagtailAdminPageForm


class PledgePageForm(WagtailAdminPageForm):  # type: ignore[misc]
    """The form of pledge pages; a site's own ``base_form_class`` should be a subclass.

    A draft may lack the statement. A page that goes live may not: people would sign an empty text.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "statement" in self.fields:
            self.fields["statement"].required = True

    def clean_statement(self) -> str:
        """Refuse markup without a word, which an empty rich text is."""
        html: str = self.cleaned_data["statement"]
        if not self.is_deferred_validation and not strip_tags(html).strip():
            raise ValidationError(gettext("Write the text that people sign."), code="required")
        return html
