"""View of ``<pledge>/link/``: somebody enters an address to get the link to their signature by mail.

The answer is the same for every address, so that it does not reveal who has signed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.access import Access, access_to, restrictions_exist
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.views.request import InvalidBody, is_cross_site, read_body
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    cross_site_error,
    mark_private,
    not_found,
    pledge_page_context,
    render_error,
    render_page,
)
from wagtail_pledge.campaigns.views.retry import is_flooding, too_many_requests
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.links import request_link
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task

_DONE = "sent"


class LinkView(View):
    """``<pledge>/link/``: GET shows the form, POST stores the request and redirects to the neutral answer."""

    def get(self, request: HttpRequest, pledge: UUID) -> Any:
        """Show the form, or that a mail is on its way if the address has signed."""
        found = _find(request, pledge)
        activate_requested_language(request)
        return not_found(request) if found is None else _page(request, found)

    def post(self, request: HttpRequest, pledge: UUID) -> Any:
        """Store the request; one statement, whatever the ledger holds."""
        if is_flooding(request):
            activate_requested_language(request)
            return _too_many(request)
        found = _find(request, pledge)
        activate_requested_language(request)
        if is_cross_site(request):
            return cross_site_error(request)
        if found is None:
            return not_found(request)
        try:
            form = _address_form(read_body(request))
        except InvalidBody as error:
            return render_error(request, error.status, error.message)
        if not form.is_valid():
            return _page(request, found, form)
        locale = get_language() or ""
        key = network_key(client_address(request), database_now())
        request_link(pledge=found, address=form.cleaned_data["email"], locale=locale, network_key=key)
        enqueue_mail_task()
        language = f"&lang={locale}" if request.GET.get("lang") else ""
        return mark_private(HttpResponseSeeOther(f"{request.path}?{_DONE}=1{language}"))


link_view = private_view(csrf_exempt(with_request_cache(restores_language(LinkView.as_view()))))


def _find(request: HttpRequest, pledge: UUID) -> Any | None:
    """Return the pledge, with ``is_restricted``, if the visitor may see one of its pages."""
    found: Any | None = Pledge.objects.public().annotate(is_restricted=restrictions_exist()).filter(uuid=pledge).first()
    if found is None or access_to(request, found, is_restricted=found.is_restricted) is Access.DENIED:
        return None
    return found


def _too_many(request: HttpRequest) -> Any:
    try:
        data = read_body(request)
    except InvalidBody:
        data = {}
    return too_many_requests(request, data)


def _address_form(data: dict[str, str] | None = None) -> AddressForm:
    return AddressForm(data, label=_("Your email address"))


def _page(request: HttpRequest, pledge: Pledge, form: AddressForm | None = None) -> Any:
    if form is not None:
        form.fields["email"].widget.attrs["autofocus"] = True
    title = _("Get the link to your signature")
    context = {
        **view_layout_context(title=title, error_title=form is not None, referrer="same-origin"),
        **pledge_page_context(pledge, get_language() or ""),
        "address_form": form or _address_form(),
        "address_refused": form is not None,
        "is_done": _DONE in request.GET,
    }
    return render_page(request, "link", context, status=422 if form is not None else 200)
