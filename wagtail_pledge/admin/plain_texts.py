"""Forms of the admin whose texts obey the rules of ``core.text``, those of their child forms included."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_pledge.signing.names import MultilineField, PlainCharField


class PlainTextForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Form whose text fields take visible text only, normalised, as every public form does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _take_plain_text(self)


def _take_plain_text(form: Any) -> None:
    """Replace the text fields of ``form`` and of its child forms. Fields with a format of their own stay."""
    for name, field in form.fields.items():
        if type(field) is forms.CharField:
            form.fields[name] = _plain(field, form._meta.model._meta.get_field(name))
    for formset in getattr(form, "formsets", {}).values():
        for child in formset.forms:
            _take_plain_text(child)


def _plain(field: forms.CharField, column: Any) -> PlainCharField:
    """Return a field of visible text in place of ``field``, with the widget that the panel chose."""
    is_multiline = column.get_internal_type() == "TextField"
    plain = (MultilineField if is_multiline else PlainCharField)(
        label=field.label,
        max_length=field.max_length,
        required=field.required,
        help_text=field.help_text,
        widget=field.widget,
    )
    plain.disabled = field.disabled
    return plain
