"""URL patterns of the package, for ``path("pledge/", include("wagtail_pledge.urls"))``."""

from __future__ import annotations

from django.urls import path

from wagtail_pledge.api.embed import embed_script, embed_view
from wagtail_pledge.api.health import health_view
from wagtail_pledge.api.pledges import count_view, pledge_view
from wagtail_pledge.api.qr import qr_view
from wagtail_pledge.api.treaties import treaty_status_csv, treaty_status_json
from wagtail_pledge.api.treaty_changes import treaty_changes_atom
from wagtail_pledge.api.updates import updates_atom
from wagtail_pledge.campaigns.views.colours import colours_view
from wagtail_pledge.campaigns.views.confirm import confirm_view
from wagtail_pledge.campaigns.views.inbox import inbox_view
from wagtail_pledge.campaigns.views.link import link_view
from wagtail_pledge.campaigns.views.logo import logo_view
from wagtail_pledge.campaigns.views.manage import manage_view
from wagtail_pledge.campaigns.views.not_me import not_me_view
from wagtail_pledge.campaigns.views.organizations import organizations_view
from wagtail_pledge.campaigns.views.sign import sign_view
from wagtail_pledge.campaigns.views.stamp import stamp_view
from wagtail_pledge.conf import get_setting

app_name = "wagtail_pledge"

urlpatterns = [
    path("<uuid:pledge>/sign/<uuid:signer_type>/", sign_view, name="sign"),
    path("<uuid:pledge>/stamp.json", stamp_view, name="stamp"),
    path("<uuid:pledge>/count.json", count_view, name="count"),
    path("<uuid:pledge>/pledge.json", pledge_view, name="pledge"),
    path("<uuid:pledge>/updates.atom", updates_atom, name="updates_atom"),
    path("<uuid:pledge>/embed/", embed_view, name="embed"),
    path("embed.js", embed_script, name="embed_script"),
    path("<uuid:pledge>/qr.svg", qr_view, {"form": "svg"}, name="qr_svg"),
    path("<uuid:pledge>/qr.png", qr_view, {"form": "png"}, name="qr_png"),
    path("inbox/<str:ticket>/", inbox_view, name="inbox"),
    path("confirm/<str:token>/", confirm_view, name="confirm"),
    path("<uuid:pledge>/link/", link_view, name="link"),
    path("<uuid:pledge>/organizations/", organizations_view, name="organizations"),
    path("not-me/<str:token>/", not_me_view, name="not_me"),
    path("manage/<str:token>/", manage_view, name="manage"),
    path("manage/<str:token>/logo/", logo_view, name="logo"),
    path("colours/<int:site>-<slug:digest>.css", colours_view, name="colours"),
    path("health/", health_view, name="health"),
    *(
        [
            path("treaties/<slug:key>/status.json", treaty_status_json, name="treaty_status_json"),
            path("treaties/<slug:key>/status.csv", treaty_status_csv, name="treaty_status_csv"),
            path("treaties/<slug:key>/changes.atom", treaty_changes_atom, name="treaty_changes_atom"),
        ]
        if get_setting("TREATIES")
        else []
    ),
]
