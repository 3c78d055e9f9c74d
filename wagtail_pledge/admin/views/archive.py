"""View that archives a pledge, or takes it out of the archive: read the effects, then confirm."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView

from wagtail_pledge.admin.views.scoped import ScopedObjectMixin
from wagtail_pledge.admin.views.states import state_url
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import InvalidTransition
from wagtail_pledge.signing.services.pledges import archive, can_be_archived, unarchive


def archive_url(pledge: Pledge) -> str:
    """Return the URL of the view that archives ``pledge``."""
    return reverse("wagtail_pledge_pledges:archive", args=[pledge.pk])


class ArchiveView(ScopedObjectMixin, InspectView):  # type: ignore[misc]
    """GET says what archiving does, POST does it; for an archived pledge, the reverse."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    any_permission_required: ClassVar[list[str]] = ["change"]
    template_name = "wagtail_pledge/admin/pledge_archive.html"
    page_title = _("Archive")

    def get_fields(self) -> list[str]:
        """Return no model fields: the template does not list any."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether the pledge can be archived, and the URLs."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "pledge": self.object,
            "is_possible": self.object.archived_at is not None or can_be_archived(self.object, database_now()),
            "archive_url": archive_url(self.object),
            "state_url": state_url(self.object),
            "back_url": reverse("wagtail_pledge_pledges:index"),
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Archive, or take out of the archive if ``archived`` is ``no``, and redirect to the list."""
        if request.POST.get("archived") == "no":
            unarchive(self.object, actor=request.user)
            message = gettext("“%(pledge)s” is in the list again.")
        else:
            try:
                archive(self.object, actor=request.user)
            except InvalidTransition as error:
                messages.error(request, error.message)
                return HttpResponseRedirect(archive_url(self.object))
            message = gettext("“%(pledge)s” is archived. To find it, filter the list by “Archive”.")
        messages.success(request, message % {"pledge": self.object})
        return HttpResponseRedirect(reverse("wagtail_pledge_pledges:index"))
