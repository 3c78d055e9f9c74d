"""Forms for decision-makers and for the stages of a decision, each with its translations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.collections import CollectionChoiceField
from wagtail.models import Collection

from wagtail_pledge.admin.permissions import RECIPIENT_POLICY
from wagtail_pledge.admin.plain_texts import PlainTextForm
from wagtail_pledge.admin.pledge_chooser import choose_changeable_pledge
from wagtail_pledge.admin.recipients import limit_recipients
from wagtail_pledge.core.i18n import default_language
from wagtail_pledge.delivery.enums import Position
from wagtail_pledge.delivery.models import Recipient


def language_choices() -> list[tuple[str, Any]]:
    """Return the languages of translations: all of the site but its default, in which the texts themselves are."""
    return [("", "–"), *((code, name) for code, name in settings.LANGUAGES if code != default_language())]


class RecipientForm(PlainTextForm):
    """Form for a decision-maker, with the collections in which the user may change campaigns."""

    collection = CollectionChoiceField(
        queryset=Collection.objects.all(),
        label=_("Collection"),
        help_text=Recipient._meta.get_field("collection").help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None and "collection" in self.fields:
            allowed = RECIPIENT_POLICY.collections_user_has_permission_for(self.for_user, "add")
            self.fields["collection"].queryset = allowed

    def clean(self) -> dict[str, Any]:
        """Check that a position has its date and source."""
        data: dict[str, Any] = super().clean()
        if data.get("position", Position.UNKNOWN) != Position.UNKNOWN:
            for name in ("position_on", "position_source"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, gettext("A position needs its date and its source."))
        return data


class StageForm(PlainTextForm):
    """Form for a stage. Its campaign can't be changed later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget = forms.Textarea(attrs={"rows": 2})
        limit_recipients(self.fields["recipient"], self.for_user, self.instance.recipient_id)
        choose_changeable_pledge(self)
