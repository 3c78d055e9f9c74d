"""Base of the choosers: what they offer depends on the user, and they search columns instead of a search index."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Q, QuerySet
from django.http import Http404
from django.views.generic import View
from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

#: Query parameter of the choosers: ``key`` if they return the key of the chosen row, not its primary key.
BY: Final = "by"
_LARGEST_KEY: Final = BigIntegerField.MAX_BIGINT


def keys_in(values: Iterable[Any]) -> list[int]:
    """Return those of the posted ``values`` that can be a primary key."""
    texts = [text for text in map(str, values) if text.isdecimal() and len(text) <= len(str(_LARGEST_KEY))]
    return [key for key in map(int, texts) if key <= _LARGEST_KEY]


class ScopedChooserWidget(BaseChooser):  # type: ignore[misc]
    """Widget of a chooser. It names only what is offered: Wagtail's would name any row whose number was posted."""

    #: Set by the form; ``None`` offers all.
    offered: QuerySet[Any] | None = None
    #: The viewset.
    scope: Any = None

    def get_display_title(self, instance: Any) -> str:
        """Return the text that the form shows for a chosen row, as the list does."""
        return str(self.scope.title_of(instance))

    def get_instance(self, value: Any) -> Any | None:
        """Return the row to name, ``None`` for one that is not offered."""
        if value is None or isinstance(value, self.model_class):
            return value
        offered = self.model_class._default_manager.all() if self.offered is None else self.offered
        return offered.filter(pk__in=keys_in([value])).first()


class KeyChooserMixin:
    """Makes a chooser's value the row's key, as text, which stored blocks use."""

    scope: Any
    model_class: Any

    def get_chooser_modal_url(self) -> str:
        """Return the URL of the list, which then returns keys."""
        chooser: Any = super()
        return f"{chooser.get_chooser_modal_url()}?{BY}=key"

    def get_instance(self, value: Any) -> Any | None:
        """Return the row with this key."""
        if not value or isinstance(value, self.model_class):
            return value or None
        return self.model_class._default_manager.filter(**{self.scope.key_field: value}).first()

    def get_value_data_from_instance(self, instance: Any) -> dict[str, Any]:
        """Return what the form shows, with the key as its id."""
        chooser: Any = super()
        key = str(getattr(instance, self.scope.key_field))
        return {**chooser.get_value_data_from_instance(instance), "id": key}


class ColumnSearchForm(SearchFilterMixin, BaseFilterForm):  # type: ignore[misc]
    """Search form of a chooser. It searches columns: the rows are in no search index."""

    scope: Any = None

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of which one of the columns has the text."""
        text = self.cleaned_data.get("q")
        if not text:
            return objects
        self.search_query, self.is_searching = text, True
        found: QuerySet[Any] = self.scope.search(objects, text)
        return found


class ScopedChooserMixin(View):
    """View of a chooser: 403 for users who may not use it, otherwise only what they may see.

    The viewset sets itself as ``scope``.
    """

    scope: Any = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request. Raises ``PermissionDenied``."""
        if not self.scope.may_choose(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_object_list(self) -> QuerySet[Any]:
        """Return what the list of the chooser offers."""
        rows: QuerySet[Any] = self.scope.offered_to(self.request)
        return rows

    def get_object(self, pk: Any) -> Any:
        """Return the chosen row. Raises ``DoesNotExist``, which is a 404."""
        return self.get_objects([pk]).get()

    def get_objects(self, pks: list[str]) -> QuerySet[Any]:
        """Return the chosen rows."""
        return self.get_object_list().filter(pk__in=keys_in(pks))

    def get_display_title(self, instance: Any) -> str:
        """Return the text that the form shows for a chosen row."""
        return str(self.scope.title_of(instance))

    def can_create(self) -> bool:
        """Return false: the rows are added in forms of their own."""
        return False


class _ListMixin(ScopedChooserMixin):
    """The list to choose from, and its search."""

    filter_form_class = ColumnSearchForm

    def get_filter_form(self) -> Any:
        """Return the search form, for the columns of the chooser."""
        form = super().get_filter_form()  # type: ignore[misc]
        form.scope = self.scope
        return form

    @property
    def title_column(self) -> Any:
        """The column whose link chooses a row."""
        column = super().title_column  # type: ignore[misc]
        column.accessor = self.scope.title_of
        return column


class ScopedChooseView(_ListMixin, chooser.ChooseView):  # type: ignore[misc]
    """The list to choose from."""


class ScopedChooseResultsView(_ListMixin, chooser.ChooseResultsView):  # type: ignore[misc]
    """The results of a search in the list."""


class ScopedChosenView(ScopedChooserMixin, chooser.ChosenView):  # type: ignore[misc]
    """The row that was chosen; 404 for one that the user may not see, whatever the method."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request. Raises ``Http404``."""
        key = str(kwargs.get("pk", ""))
        if self.scope.may_choose(request.user) and not self.get_objects([key]).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_object_id(self, instance: Any) -> Any:
        """Return what becomes the field's value."""
        by_key = self.request.GET.get(BY) == "key" and self.scope.key_field
        return getattr(instance, self.scope.key_field) if by_key else instance.pk


class ScopedChosenMultipleView(ScopedChooserMixin, chooser.ChosenMultipleView):  # type: ignore[misc]
    """The rows that were chosen."""


class ScopedChooserViewSet(ChooserViewSet):  # type: ignore[misc]
    """Base of the choosers. Rows are added in forms of their own, not in the chooser."""

    #: Columns that the search looks in.
    search_fields: ClassVar[tuple[str, ...]]
    #: Field by which stored blocks name a row; ``""`` if there is none.
    key_field: ClassVar[str] = ""
    preserve_url_parameters: ClassVar[list[str]] = ["multiple", BY]
    base_widget_class = ScopedChooserWidget
    choose_view_class = ScopedChooseView
    choose_results_view_class = ScopedChooseResultsView
    chosen_view_class = ScopedChosenView
    chosen_multiple_view_class = ScopedChosenMultipleView

    def may_choose(self, user: Any) -> bool:
        """Override to say who may use the chooser."""
        raise NotImplementedError

    def offered_to(self, request: Any) -> QuerySet[Any]:
        """Override to return the rows that the user may choose, in the order of the list."""
        raise NotImplementedError

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Return those of ``rows`` of which one of ``search_fields`` has the text."""
        return rows.filter(reduce(or_, (Q(**{f"{column}__icontains": text}) for column in self.search_fields)))

    def title_of(self, instance: Any) -> str:
        """Return the text by which a row is chosen."""
        return str(instance)

    @property
    def widget_class(self) -> Any:
        """The widget, which names a row as this chooser does."""
        return type(f"{self.model_name}Chooser", (super().widget_class,), {"scope": self})

    def key_widget(self, *mixins: type[Any]) -> Any:
        """Return a widget whose value is the key of the chosen row; ``mixins`` go before the others."""
        return type(f"{self.model_name}KeyChooser", (*mixins, KeyChooserMixin, self.widget_class), {})()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view arguments with this viewset as the scope."""
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return {**common, "scope": self}

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns without the view that creates."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]
