"""Forms of States and their names, and of what else editors enter about treaties."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _

from wagtail_pledge.admin.plain_texts import PlainTextForm
from wagtail_pledge.admin.treaties.choosers import state_chooser, treaty_chooser
from wagtail_pledge.treaties.enums import AliasKind
from wagtail_pledge.treaties.models import State, StateAlias, TreatyDeclaration, TreatyName
from wagtail_pledge.treaties.states import normalize_name

_NORMALIZED_CHARS: Final = StateAlias._meta.get_field("normalized").max_length
_KEY: Final = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)


def check_free_name(name: str, taken: Any) -> str:
    """Return the normal form of ``name``. Raises ``ValidationError`` if it is empty, too long or among ``taken``.

    The normal form can be longer than the name: that of "ß" is "ss".
    """
    normalized = normalize_name(name)
    if not normalized:
        raise ValidationError(_("Enter a name with at least one letter."))
    MaxLengthValidator(_NORMALIZED_CHARS)(normalized)
    alias = taken.filter(normalized=normalized).select_related("state").first()
    if alias is not None:
        raise ValidationError(_("This is already a name of %(state)s.") % {"state": alias.state})
    return normalized


class StateForm(PlainTextForm):
    """Form of a State that exists: without its party id, by which data and pages name it."""

    class Meta:
        model = State
        fields: ClassVar[list[str]] = ["name", "kind", "iso3", "iso2", "m49", "ended_on"]

    def clean_name(self) -> str:
        """Return the name. Raises ``ValidationError`` for one by which imports cannot find this State."""
        name: str = self.cleaned_data["name"]
        check_free_name(name, StateAlias.objects.exclude(state=self.instance.pk))
        return name

    def save(self, commit: bool = True) -> Any:
        """Save the State, and its name as one by which imports find it."""
        state = super().save(commit)
        if commit:
            values = {"state": state, "name": state.name, "kind": AliasKind.CURRENT}
            StateAlias.objects.get_or_create(normalized=normalize_name(state.name), defaults=values)
        return state


class NewStateForm(StateForm):
    """Form of a new State, with its party id."""

    class Meta(StateForm.Meta):
        fields: ClassVar[list[str]] = ["key", *StateForm.Meta.fields]

    def clean_key(self) -> str:
        """Return the party id. Raises ``ValidationError`` unless it is made of capital letters, digits and hyphens."""
        key: str = self.cleaned_data["key"]
        if not _KEY.fullmatch(key):
            raise ValidationError(_("Use capital letters, digits and hyphens, such as “XKX” or “UNMIK”."))
        return key


class StateAliasForm(PlainTextForm):
    """Form of one name of a State."""

    class Meta:
        model = StateAlias
        fields: ClassVar[list[str]] = ["state", "name", "kind", "note"]
        widgets: ClassVar[dict[str, Any]] = {"state": state_chooser.widget_class}

    def clean_name(self) -> str:
        """Return the name, and keep its normal form. Raises ``ValidationError`` for the name of another State."""
        name: str = self.cleaned_data["name"]
        self.instance.normalized = check_free_name(name, StateAlias.objects.exclude(pk=self.instance.pk))
        return name


class TreatyNameForm(PlainTextForm):
    """Form of a treaty's names in another language."""

    class Meta:
        model = TreatyName
        fields: ClassVar[list[str]] = ["treaty", "language", "name", "title"]
        widgets: ClassVar[dict[str, Any]] = {"treaty": treaty_chooser.widget_class}


class TreatyDeclarationForm(PlainTextForm):
    """Form of an acceptance, declaration or reservation."""

    class Meta:
        model = TreatyDeclaration
        fields: ClassVar[list[str]] = [
            "treaty", "party", "kind", "article", "date", "withdrawn_on", "text", "source",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "treaty": treaty_chooser.widget_class,
            "party": state_chooser.widget_class,
        }
