"""Minimal views: a constant response, a Django form, and the SQL statements of signing and confirming alone."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django_countries import countries

from benchmarks.baselines.models import BareRow
from benchmarks.baselines.recording import recorded_confirming, recorded_signing
from wagtail_pledge.signing.enums import Display


class BareForm(forms.Form):
    """The fields of the sign form as Django's own fields."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(max_length=254)
    country = forms.ChoiceField(choices=lambda: list(countries))
    postal_code = forms.CharField(max_length=16, required=False)
    city = forms.CharField(max_length=80, required=False)
    display = forms.ChoiceField(choices=Display.choices)
    comment = forms.CharField(max_length=280, required=False, widget=forms.Textarea)
    updates = forms.BooleanField(required=False)


def constant(_request: HttpRequest) -> HttpResponse:
    """Return a constant response."""
    return HttpResponse(b"ok")


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store the form data with one INSERT of a short row, by the ORM."""
    BareRow.objects.create(email=request.POST["email"], name=request.POST["name"])
    return HttpResponse(b"ok")


@csrf_exempt
def same_row(_request: HttpRequest) -> HttpResponse:
    """Run the recorded statement of signing for another signer: one INSERT of the same row."""
    recorded_signing().run()
    return HttpResponse(b"ok")


@csrf_exempt
def form_and_same_row(request: HttpRequest) -> HttpResponse:
    """Validate a Django form, then run the recorded statement of signing."""
    if not BareForm(request.POST).is_valid():
        return HttpResponse(status=422)
    recorded_signing().run()
    return HttpResponse(b"ok")


@csrf_exempt
def same_confirm(_request: HttpRequest, submission: UUID) -> HttpResponse:
    """Run the recorded statements of confirming for another submission."""
    recording, recorded = recorded_confirming()
    recording.run({recorded: submission})
    return HttpResponse(b"ok")
