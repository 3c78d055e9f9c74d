"""Panels of the page editor."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import FieldPanel

from wagtail_pledge.blocks.base import UNSEEN, choosable_pledges
from wagtail_pledge.signing.models import Pledge


class PledgePanel(FieldPanel):  # type: ignore[misc]
    """Chooses a pledge among those of the editor; another one that is chosen already stays, without its name."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field with the choices of one editor."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is None:
                return
            field = self.bound_field.field
            own = choosable_pledges(self.request.user if self.request else None)
            seen = {pledge.pk for pledge in own}
            field.queryset = Pledge.objects.filter(pk__in=[*seen, getattr(self.instance, f"{self.field_name}_id")])
            field.label_from_instance = lambda pledge: str(pledge) if pledge.pk in seen else UNSEEN
