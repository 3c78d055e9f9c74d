"""URLs of the treaty API."""

from __future__ import annotations

from django.urls import path

from wagtail_pledge.api import treaties, treaty_changes

treaty_urlpatterns = [
    path("treaties/<slug:key>/status.json", treaties.treaty_status_json, name="treaty_status_json"),
    path("treaties/<slug:key>/status.csv", treaties.treaty_status_csv, name="treaty_status_csv"),
    path("treaties/<slug:key>/changes.atom", treaty_changes.treaty_changes_atom, name="treaty_changes_atom"),
]
