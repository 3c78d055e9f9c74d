"""Delete view that refuses to delete what other rows need, and explains why."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.admin.views.generic import DeleteView

from wagtail_pledge.admin.deletion import DeletionBlocker, advice_for, delete_dependents, deletion_blockers, dependents
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin


class ProtectedDeleteView(ScopedObjectMixin, DeleteView):  # type: ignore[misc]
    """Asks for confirmation; if other rows need the row, lists them and suggests what to do instead."""

    template_name = "wagtail_pledge/admin/confirm_delete.html"

    @cached_property
    def blockers(self) -> list[DeletionBlocker]:
        """What prevents the deletion."""
        return deletion_blockers(self.object)

    def get_usage_url(self) -> None:
        """Return ``None``: :attr:`blockers` is more complete than the reference index."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``blockers``, ``advice`` and ``dependents``."""
        context = super().get_context_data(**kwargs)
        also = [] if self.blockers else dependents(self.object)
        return {**context, "blockers": self.blockers, "advice": advice_for(self.object), "dependents": also}

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete, or redirect with an error message."""
        if self.blockers:
            return self.redirect_with_error()
        try:
            with transaction.atomic():
                delete_dependents(self.object, actor=self.request.user)
                return super().form_valid(form)  # type: ignore[no-any-return]
        except (ProtectedError, RestrictedError, PermissionDenied):
            # A new reference was added after the confirmation page was shown, or a page that the user may not delete
            return self.redirect_with_error()

    def redirect_with_error(self) -> HttpResponse:
        """Delete nothing and show the confirmation page again, with a message."""
        message = gettext("“%(object)s” was not deleted because other items depend on it.") % {"object": self.object}
        messages.error(self.request, message)
        return HttpResponseRedirect(self.get_delete_url())
