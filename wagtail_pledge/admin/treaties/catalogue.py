"""View that adds treaties of the package's catalogue. It works without JavaScript."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.importing.catalogue import CatalogueEntry, catalogue, load_from_catalogue
from wagtail_pledge.treaties.models import Treaty

CATALOGUE_URL: Final = "wagtail_pledge_treaties:catalogue"
INDEX_URL: Final = "wagtail_pledge_treaties:index"


def may_load(user: Any) -> bool:
    """Whether ``user`` may add treaties of the catalogue, whose status is imported with them."""
    return bool(user.has_perms(("wagtail_pledge.add_treaty", "wagtail_pledge.import_treaty")))


class CatalogueView(WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """The treaties of the catalogue, and a form that adds those that are ticked."""

    template_name = "wagtail_pledge/admin/treaty_catalogue.html"
    page_title = _("Add from the catalogue")
    header_icon = "pledge-treaty"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise ``PermissionDenied`` if the user may not add treaties."""
        if not may_load(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the breadcrumbs."""
        items = [*self.breadcrumbs_items, {"url": reverse(INDEX_URL), "label": _("Treaties")}]
        return [*items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``entries``: (entry, date of its status as text, whether the site has the treaty)."""
        existing = set(Treaty.objects.values_list("key", flat=True))
        entries = [(entry, _date(entry), entry.key in existing) for entry in catalogue().values()]
        return {**super().get_context_data(**kwargs), "entries": entries}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add the ticked treaties and redirect to the list of treaties."""
        keys = request.POST.getlist("key")
        try:
            added = load_from_catalogue(keys, request.user)
        except TreatyError as error:
            messages.error(request, error.message)
            return redirect(reverse(CATALOGUE_URL))
        for treaty in added:
            log(instance=treaty, action="wagtail.create", user=request.user)
        message = ngettext("%(count)d treaty was added.", "%(count)d treaties were added.", len(added))
        messages.success(request, message % {"count": len(added)})
        return redirect(reverse(INDEX_URL))


def _date(entry: CatalogueEntry) -> str:
    return format_date(entry.as_of) if entry.as_of else ""
