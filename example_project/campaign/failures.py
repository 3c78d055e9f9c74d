"""What visitors see where there is nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import view_frame


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say so under the site's own name, in the language of the address, with the way home."""
    frame = view_frame(title=_("There is no such page"), home_url=f"/{get_language()}/")
    return render(request, "404.html", frame, status=404)
