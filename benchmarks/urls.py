"""URLs of the benchmarked site and of the baseline views."""

from __future__ import annotations

from django.urls import path

from benchmarks.baselines import views
from tests.projects.urls import urlpatterns as site_patterns

urlpatterns = [
    path("bare/constant/", views.constant),
    path("bare/insert/", views.one_insert),
    path("bare/row/", views.same_row),
    path("bare/form/", views.form_and_same_row),
    path("bare/confirm/<uuid:submission>/", views.same_confirm),
    *site_patterns,
]
