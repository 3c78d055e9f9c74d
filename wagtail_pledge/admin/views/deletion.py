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

from wagtail_pledge.admin.deletion import DeletionBlocker, advice_for, delete_dependents, deletion_blockers
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin


class ProtectedDeleteView(ScopedObjectMixin, DeleteView):  # type: ignore[misc]
    """Asks before it deletes; where something needs the row it says what, and what to do instead."""

    template_name = "wagtail_pledge/admin/confirm_delete.html"

    @cached_property
    def blockers(self) -> list[DeletionBlocker]:
        """What stands in the way."""
        return deletion_blockers(self.object)

    def get_usage_url(self) -> None:
        """Nothing: :attr:`blockers` says more than the reference index knows."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``blockers`` and ``advice``."""
        context = super().get_context_data(**kwargs)
        return {**context, "blockers": self.blockers, "advice": advice_for(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete, or say why not."""
        if self.blockers:
            return self.redirect_with_error()
        try:
            with transaction.atomic():
                delete_dependents(self.object)
                return super().form_valid(form)  # type: ignore[no-any-return]
        except (ProtectedError, RestrictedError):
            # Something came to need the row between the question and the answer
            return self.redirect_with_error()

    def redirect_with_error(self) -> HttpResponse:
        """Leave everything as it is and go back to the words."""
        said = gettext("“%(object)s” was not deleted because other items depend on it.") % {"object": self.object}
        messages.error(self.request, said)
        return HttpResponseRedirect(self.get_delete_url())
