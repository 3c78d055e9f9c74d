"""Widgets with which blocks choose a pledge by its UUID, and a treaty or a State by its key."""

from __future__ import annotations

from typing import Any

from wagtail_pledge.admin.permissions import visible_to
from wagtail_pledge.admin.pledge_chooser import pledge_chooser
from wagtail_pledge.admin.treaties.choosers import state_chooser, treaty_chooser
from wagtail_pledge.blocks.base import HIDDEN_PLEDGE, chosen_uuid
from wagtail_pledge.core.streamfield import current_edit
from wagtail_pledge.signing.models import Pledge


class EditedPledgeMixin:
    """Names a stored pledge only if the editor of the page may see it."""

    def get_value_data(self, value: Any) -> dict[str, Any] | None:
        """Return what the form shows for a stored UUID, ``None`` for the page's own pledge."""
        uuid = chosen_uuid(value)
        if not value:
            return None
        user = current_edit().user
        offered = Pledge.objects.public() if user is None else visible_to(user)
        pledge = offered.filter(uuid=uuid).first() if uuid is not None else None
        chooser: Any = self
        if pledge is None:
            return {"id": str(value), "edit_url": None, "title": str(HIDDEN_PLEDGE)}
        data: dict[str, Any] = chooser.get_value_data_from_instance(pledge)
        return data


def key_chooser(name: str) -> Any:
    """Return the widget for ``"pledge"``, ``"treaty"`` or ``"state"``."""
    if name == "pledge":
        return pledge_chooser.key_widget(EditedPledgeMixin)
    return {"treaty": treaty_chooser, "state": state_chooser}[name].key_widget()
