"""Base of page mixins whose pages share a row of the ledger with their aliases."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from wagtail_pledge.campaigns.lookups import ordinary_page_beside


class SharedRowMixin(models.Model):
    """Gives an alias a row of its own when it is converted into an ordinary page.

    An alias shares the row of the page that it follows. Two ordinary pages in one language must not: publishing one
    would change what people sign on the other. Translations share the row.
    """

    #: The foreign key to the row.
    shared_field: ClassVar[str]
    #: Whether saving has given the page a row of its own. ``campaigns.publishing`` completes the conversion.
    is_separated: bool = False
    _loaded_alias_of: int | None = None
    #: From the site's page model.
    alias_of_id: Any
    locale_id: Any

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the page. One that was an alias and is none any more gets its own row first."""
        is_converted = self._loaded_alias_of is not None and self.alias_of_id is None
        self.is_separated = is_converted and self.is_shared()
        if self.is_separated:
            self.set_own_row()
            # Wagtail saves only ``alias_of`` when it converts
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = [*kwargs["update_fields"], self.shared_field]
        saved = super().save(*args, **kwargs)
        self._loaded_alias_of = self.alias_of_id
        self.is_separated = False
        return saved

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **kwargs: Any) -> Self:
        """Remember whether the page is an alias."""
        page: Self = super().from_db(db, field_names, values, **kwargs)
        page._loaded_alias_of = page.__dict__.get("alias_of_id")
        return page

    def is_shared(self) -> bool:
        """Whether another ordinary page in this language has the same row. Override if more rows do not fit."""
        return ordinary_page_beside(self, self.shared_field) is not None

    def set_own_row(self) -> None:
        """Set a row that no other page in this language has."""
        raise NotImplementedError
