"""Choosing decision-makers: the chooser and form fields offer only those that the user may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Q
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from wagtail_pledge.admin.permissions import has_any_permission, recipients_visible_to
from wagtail_pledge.delivery.managers import RecipientQuerySet
from wagtail_pledge.delivery.models import Recipient

_LARGEST_KEY: Final = BigIntegerField.MAX_BIGINT


def keys_in(values: Iterable[Any]) -> list[int]:
    """Return those of the posted ``values`` that can be a primary key of a decision-maker."""
    texts = [text for text in map(str, values) if text.isdecimal() and len(text) <= len(str(_LARGEST_KEY))]
    return [key for key in map(int, texts) if key <= _LARGEST_KEY]


def limit_recipients(field: Any, user: Any, stored: int | None) -> None:
    """Limit a form field to the decision-makers that ``user`` may see, and the ``stored`` one, which stays."""
    if user is not None:
        visible = recipients_visible_to(user).order_by().values("pk")
        field.queryset = field.widget.offered = Recipient.objects.filter(Q(pk__in=visible) | Q(pk=stored))


class RecipientChooserWidget(BaseChooser):  # type: ignore[misc]
    """Widget of the chooser. It names only what is offered: Wagtail's would name any row whose number was posted."""

    #: Set by :func:`limit_recipients`; ``None`` offers all.
    offered: RecipientQuerySet | None = None

    def get_instance(self, value: Any) -> Recipient | None:
        """Return the decision-maker to name, ``None`` for one that is not offered."""
        if value is None or isinstance(value, Recipient):
            return value
        offered = Recipient.objects.all() if self.offered is None else self.offered
        return offered.filter(pk__in=keys_in([value])).first()


class RecipientFilterForm(SearchFilterMixin, BaseFilterForm):  # type: ignore[misc]
    """Search form of the chooser. It searches the columns: decision-makers are in no search index."""

    def filter(self, objects: RecipientQuerySet) -> RecipientQuerySet:
        """Return the decision-makers whose name, office or place has the text."""
        text = self.cleaned_data.get("q")
        if text:
            self.search_query, self.is_searching = text, True
            return objects.filter(Q(name__icontains=text) | Q(office__icontains=text) | Q(place__icontains=text))
        return objects


class ScopedChooserMixin(View):
    """View of the chooser: 403 for users without any of our permissions, otherwise only what they may see."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request. Raises ``PermissionDenied``."""
        if not has_any_permission(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_object_list(self) -> RecipientQuerySet:
        """Return what the list of the chooser offers."""
        return recipients_visible_to(self.request.user).order_by("office", "name", "pk")

    def get_object(self, pk: Any) -> Recipient:
        """Return the chosen decision-maker. Raises ``DoesNotExist``, which is a 404."""
        found: Recipient = self.get_objects([pk]).get()
        return found

    def get_objects(self, pks: list[str]) -> RecipientQuerySet:
        """Return the chosen decision-makers."""
        return self.get_object_list().filter(pk__in=keys_in(pks))

    def can_create(self) -> bool:
        """Return false: decision-makers are added in their own form."""
        return False


class RecipientChooseView(ScopedChooserMixin, chooser.ChooseView):  # type: ignore[misc]
    """The list to choose from."""

    filter_form_class = RecipientFilterForm


class RecipientChooseResultsView(ScopedChooserMixin, chooser.ChooseResultsView):  # type: ignore[misc]
    """The results of a search in the list."""

    filter_form_class = RecipientFilterForm


class RecipientChosenView(ScopedChooserMixin, chooser.ChosenView):  # type: ignore[misc]
    """The decision-maker that was chosen; 404 for one that the user may not see, whatever the method."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request. Raises ``Http404``."""
        key = str(kwargs.get("pk", ""))
        if has_any_permission(request.user) and not self.get_objects([key]).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class RecipientChosenMultipleView(ScopedChooserMixin, chooser.ChosenMultipleView):  # type: ignore[misc]
    """The decision-makers that were chosen."""


class RecipientChooserViewSet(ChooserViewSet):  # type: ignore[misc]
    """Chooser of decision-makers, for all foreign keys to them in the admin."""

    model = Recipient
    icon = "crosshairs"
    choose_one_text = _("Choose a decision-maker")
    choose_another_text = _("Choose another decision-maker")
    edit_item_text = _("Edit this decision-maker")
    base_widget_class = RecipientChooserWidget
    choose_view_class = RecipientChooseView
    choose_results_view_class = RecipientChooseResultsView
    chosen_view_class = RecipientChosenView
    chosen_multiple_view_class = RecipientChosenMultipleView

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns without the view that creates."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


recipient_chooser = RecipientChooserViewSet("wagtail_pledge_recipient_chooser", url_prefix="pledge-recipient-chooser")
