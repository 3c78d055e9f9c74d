"""Deleting, refused in words where something would be lost."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.admin.views.generic import DeleteView

from wagtail_pledge.admin.deletion import Need, advice_for, clear_the_way, what_needs
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin


class RefusingDeleteView(ScopedObjectMixin, DeleteView):  # type: ignore[misc]
    """Asks before it deletes; where something needs the row it says what, and what to do instead."""

    template_name = "wagtail_pledge/admin/confirm_delete.html"

    @cached_property
    def needs(self) -> list[Need]:
        """What stands in the way."""
        return what_needs(self.object)

    def get_usage_url(self) -> None:
        """Nothing: :attr:`needs` says more than the reference index knows."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``needs`` and ``advice``."""
        context = super().get_context_data(**kwargs)
        return {**context, "needs": self.needs, "advice": advice_for(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete, or say why not."""
        if self.needs:
            return self.refuse()
        try:
            with transaction.atomic():
                clear_the_way(self.object)
                return super().form_valid(form)  # type: ignore[no-any-return]
        except (ProtectedError, RestrictedError):
            # Something came to need the row between the question and the answer
            return self.refuse()

    def refuse(self) -> HttpResponse:
        """Leave everything as it is and go back to the words."""
        said = gettext("“%(object)s” was not deleted, because it is needed.") % {"object": self.object}
        messages.error(self.request, said)
        return HttpResponseRedirect(self.get_delete_url())
