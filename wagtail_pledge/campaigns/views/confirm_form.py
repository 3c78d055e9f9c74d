"""The choices on the confirm page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from wagtail_pledge.core.text import parse_yes_no
from wagtail_pledge.signing.services.offers import (
    asks_for_partner,
    asks_for_updates,
    display_choices,
    least_display,
)


class ConfirmForm:
    """The choices on the confirm page: how the name appears, and the optional consents, each as it was pressed."""

    def __init__(self, submission: Any, data: Mapping[str, str]) -> None:
        self._submission = submission
        self._data = data
        self.messages: list[str] = []

    def is_valid(self) -> bool:
        """Whether each choice is one that the page offers; ``messages`` says what is wrong."""
        allowed = {str(value) for value, _label in display_choices(self._submission)}
        if allowed and self._data.get("display") and self._data["display"] not in allowed:
            self.messages.append(_("Choose how your name appears."))
        for name in ("updates", "partner"):
            try:
                self._is_yes(name)
            except ValueError:
                self.messages.append(_("Answer yes or no"))
        return not self.messages

    def choices(self) -> dict[str, Any]:
        """Return the arguments for ``services.confirm``; what was not pressed is the choice that shows least."""
        chosen: dict[str, Any] = {"updates": self._is_yes("updates") and asks_for_updates(self._submission)}
        if display_choices(self._submission):
            chosen["display"] = self._data.get("display") or least_display(self._submission)
        chosen["partner"] = self._is_yes("partner") and asks_for_partner(self._submission)
        return chosen

    def _is_yes(self, name: str) -> bool:
        return parse_yes_no(self._data.get(name, ""))
