"""What the public templates need and Django does not offer."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def pledge_number(value: int | None) -> str:
    """Return ``value`` as whole digits, grouped as the reader's language groups them; ``""`` for ``None``."""
    if value is None:
        return ""
    return str(number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True))
