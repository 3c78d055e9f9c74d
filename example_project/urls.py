"""URLs of the site. Only pages have a language prefix."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from example_project.api import router
from example_project.campaign.views import robots_txt

handler404 = "example_project.campaign.views.page_not_found"

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("pledge/", include("wagtail_pledge.urls")),
    path("api/v2/", router.urls),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", robots_txt, name="robots"),
    *i18n_patterns(path("", include(wagtail_urls))),
]
