"""URLs of the demo: those of the site, the demo mailbox, and uploaded files served by Django."""

from __future__ import annotations

from django.urls import include, path

from example_project.campaign.views import uploaded_file
from example_project.urls import handler404 as site_handler404
from example_project.urls import urlpatterns as site_urlpatterns

handler404 = site_handler404

urlpatterns = [
    path("demo/mail/", include("example_project.campaign.mail_urls")),
    path("media/<path:path>", uploaded_file),
    *site_urlpatterns,
]
