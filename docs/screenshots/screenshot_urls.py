"""URLs of the demo site for the screenshots: those of the demo, and one for the server error page."""

from __future__ import annotations

from django.urls import path
from django.views.defaults import server_error

from example_project.demo_urls import handler404 as demo_handler404
from example_project.demo_urls import urlpatterns as demo_urlpatterns

handler404 = demo_handler404

urlpatterns = [path("failure/", server_error), *demo_urlpatterns]
