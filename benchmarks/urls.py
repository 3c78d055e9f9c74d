"""URLs of the benchmarked site and of the baseline views."""

from __future__ import annotations

from django.urls import path

from benchmarks.baselines import views
from tests.projects.urls import urlpatterns as site_patterns

urlpatterns = [
    path("bare/constant/", views.constant),
    path("bare/insert/", views.one_insert),
    path("bare/same/", views.same_statements),
    *site_patterns,
]
