"""View of the event links of a pledge: moderators make them and end them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView
from wagtail.admin.widgets import AdminDateTimeInput

from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin
from wagtail_pledge.campaigns.lookups import find_public_pages, full_url
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import PartnerLink, Pledge
from wagtail_pledge.signing.names import PlainCharField
from wagtail_pledge.signing.services.event_links import (
    MAX_DURATION,
    MAX_QUOTA,
    end_event_link,
    event_links_of,
    make_event_link,
)
from wagtail_pledge.signing.services.sources import SOURCE_PARAMETER


def event_links_url(pledge: Pledge) -> str:
    """Return the URL of the view of the event links of ``pledge``."""
    return reverse("wagtail_pledge_pledges:event_links", args=[pledge.pk])


class EventLinkForm(forms.Form):
    """Form for a new event link."""

    name = PlainCharField(
        label=_("Name"), max_length=120, help_text=_("For example, the place and the day. Only your team sees this.")
    )
    quota = forms.IntegerField(
        label=_("Number of forms"),
        min_value=1,
        max_value=MAX_QUOTA,
        help_text=_("As many people as you expect. The emails for further forms wait as usual."),
    )
    ends_at = forms.DateTimeField(
        label=_("Ends at"), widget=AdminDateTimeInput, help_text=_("After this, its forms wait as usual.")
    )

    def clean_ends_at(self) -> Any:
        """Return the time. Raises ``ValidationError`` unless it is within the next 31 days."""
        ends, now = self.cleaned_data["ends_at"], database_now()
        if not now < ends <= now + MAX_DURATION:
            raise ValidationError(gettext("Choose a time within the next 31 days."))
        return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEventLink:
    """An event link as the template shows it; ``urls`` are those of the campaign's pages."""

    link: PartnerLink
    used: int
    has_ended: bool
    urls: list[str]


class EventLinksView(ScopedObjectMixin, InspectView):  # type: ignore[misc]
    """GET lists the event links with a form for another one; POST makes one, or ends one."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    any_permission_required: ClassVar[list[str]] = [PledgePermission.MODERATE]
    template_name = "wagtail_pledge/admin/event_links.html"
    page_title = _("Event links")

    def get_fields(self) -> list[str]:
        """Return no model fields: the template does not list any."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the variables that ``event_links.html`` lists."""
        form = kwargs.pop("form", None) or EventLinkForm()
        return {
            **super().get_context_data(**kwargs),
            "event_links": self._shown_links(),
            "form": form,
            "event_links_url": event_links_url(self.object),
            "back_url": reverse("wagtail_pledge_pledges:inspect", args=[self.object.pk]),
        }

    def _shown_links(self) -> list[ShownEventLink]:
        now, pages = database_now(), [full_url(page) for page in find_public_pages(self.object)]
        return [
            ShownEventLink(
                link=link,
                used=link.use.used if hasattr(link, "use") else 0,
                has_ended=link.ends_at is None or link.ends_at <= now,
                urls=[f"{page}?{SOURCE_PARAMETER}={link.slug}" for page in pages],
            )
            for link in event_links_of(self.object)
        ]

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Make a link or end one, or show the form again with status 422."""
        if "end" in request.POST:
            return self._end(request.POST["end"])
        form = EventLinkForm(request.POST)
        if not form.is_valid():
            context = self.get_context_data(form=form)
            response: HttpResponse = self.render_to_response(context, status=422)
            return response
        make_event_link(self.object, actor=request.user, **form.cleaned_data)
        messages.success(request, gettext("The link is ready. Its web address is below."))
        return HttpResponseRedirect(event_links_url(self.object))

    def _end(self, code: str) -> HttpResponse:
        link = next((link for link in event_links_of(self.object) if link.slug == code), None)
        if link is not None and end_event_link(link, actor=self.request.user):
            messages.success(self.request, gettext("The link has ended. Signatures keep its code."))
        return HttpResponseRedirect(event_links_url(self.object))
