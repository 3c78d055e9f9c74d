"""URLs of the demo's mailbox, ``/demo/mail/``."""

from __future__ import annotations

from django.urls import path

from example_project.campaign.mail_views import mail_html, mail_list, mail_message

app_name = "demo_mail"

urlpatterns = [
    path("", mail_list, name="list"),
    path("<slug:name>/", mail_message, name="message"),
    path("<slug:name>/html/", mail_html, name="html"),
]
