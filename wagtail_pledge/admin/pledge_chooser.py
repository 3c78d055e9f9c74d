"""Choosing a pledge: the chooser and the form field offer only the pledges that the user may see."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.db.models import ForeignKey, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import register_form_field_override

from wagtail_pledge.admin.choosers import BY, ScopedChooserViewSet, ScopedChooserWidget, keys_in
from wagtail_pledge.admin.permissions import PledgePermission, choosable_by, visible_to
from wagtail_pledge.blocks.base import HIDDEN_PLEDGE
from wagtail_pledge.signing.managers import PledgeQuerySet
from wagtail_pledge.signing.models import Pledge

#: Query parameter of the chooser: a permission that the user must have on the pledges.
RIGHT: Final = "right"


class PledgeChooser(ScopedChooserWidget):
    """Widget of the chooser. A stored pledge that the user may not see is kept and not named."""

    #: A :class:`PledgePermission` that the user must have on the pledges that the list offers; ``""`` for any.
    right: str = ""

    def get_chooser_modal_url(self) -> str:
        """Return the URL of the list, with the permission that is needed."""
        url: str = super().get_chooser_modal_url()
        return f"{url}?{RIGHT}={self.right}" if self.right else url

    def get_value_data(self, value: Any) -> dict[str, Any] | None:
        """Return what the form shows for ``value``."""
        key = value.pk if isinstance(value, Pledge) else value
        if key is None or self.offered is None or self.offered.filter(pk__in=keys_in([key])).exists():
            data: dict[str, Any] | None = super().get_value_data(value)
            return data
        return {"id": key, "edit_url": None, "title": str(HIDDEN_PLEDGE)}


class PledgeChooserField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Form field for a pledge. It offers those that ``form.for_user`` may see and that are not archived.

    Wagtail's admin forms have ``for_user``. A stored pledge stays valid, even one that the user may not see; it is not
    named then. Without a user, nothing but that is offered. ``right`` is a permission that the user must have on what
    the chooser lists.
    """

    widget: Any

    def __init__(self, queryset: Any = None, *, widget: Any = None, right: str = "", **kwargs: Any) -> None:
        self.right = right
        kwargs.pop("limit_choices_to", None)
        super().__init__(
            Pledge.objects.all() if queryset is None else queryset,
            widget=widget or pledge_chooser.widget_class,
            **kwargs,
        )

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Limit the field to what the user of ``form`` may choose, and the stored pledge."""
        stored = form.get_initial_for_field(self, field_name)
        self.limit(getattr(form, "for_user", None), stored.pk if isinstance(stored, Pledge) else stored)
        return super().get_bound_field(form, field_name)

    def limit(self, user: Any, stored: Any) -> None:
        """Offer what ``user`` may choose, and accept the pledge with the primary key ``stored`` too."""
        offered = Pledge.objects.none() if user is None else offered_pledges(user, self.right)
        rows: Any = self.queryset
        self.queryset = rows.filter(Q(pk__in=offered.order_by().values("pk")) | Q(pk__in=keys_in([stored])))
        if isinstance(self.widget, PledgeChooser):
            seen = Pledge.objects.none() if user is None else visible_to(user)
            self.widget.offered, self.widget.right = seen, self.right


def choose_changeable_pledge(form: Any) -> None:
    """Have the field ``pledge`` of a new row offer what the user may change; it cannot be changed later."""
    field = form.fields["pledge"]
    if form.instance.pk:
        own = Pledge.objects.filter(pk=form.instance.pledge_id)
        form.fields["pledge"] = forms.ModelChoiceField(own, label=field.label, disabled=True)
    else:
        field.right = PledgePermission.CHANGE


def offered_pledges(user: Any, right: str = "") -> PledgeQuerySet:
    """Return the pledges that the chooser offers to ``user``, those on which they have ``right`` if one is given."""
    return visible_to(user, PledgePermission(right)).in_use() if right in set(PledgePermission) else choosable_by(user)


class PledgeChooserViewSet(ScopedChooserViewSet):
    """Chooser of pledges, for all foreign keys to them in the admin."""

    model = Pledge
    icon = "pledge"
    choose_one_text = _("Choose a campaign")
    choose_another_text = _("Choose another campaign")
    edit_item_text = _("Campaign settings")
    base_widget_class = PledgeChooser
    search_fields = ("title",)
    key_field = "uuid"
    preserve_url_parameters: ClassVar[list[str]] = ["multiple", BY, RIGHT]

    def may_choose(self, user: Any) -> bool:
        """Return true: every page editor has the chooser, with an empty list if they may see no pledge."""
        return True

    def offered_to(self, request: Any) -> QuerySet[Any]:
        """Return the pledges that the user may choose, with the permission in the URL."""
        return offered_pledges(request.user, request.GET.get(RIGHT, "")).order_by("title", "pk")

    def on_register(self) -> None:
        """Use the chooser and its field for every foreign key to a pledge."""
        super().on_register()
        override = {"form_class": PledgeChooserField, "widget": self.widget_class}
        register_form_field_override(ForeignKey, to=Pledge, override=override)


pledge_chooser = PledgeChooserViewSet("wagtail_pledge_pledge_chooser", url_prefix="pledge-chooser")
