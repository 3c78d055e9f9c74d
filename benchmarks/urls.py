"""The usual site and the yardsticks."""

from __future__ import annotations

from django.urls import path

from benchmarks.yardsticks import views
from tests.projects.urls import urlpatterns as site_patterns

urlpatterns = [
    path("bare/constant/", views.constant),
    path("bare/insert/", views.one_insert),
    path("bare/same/", views.same_statements),
    *site_patterns,
]
