"""The default site with Wagtail's API v2."""

from __future__ import annotations

from django.urls import path
from wagtail.api.v2.router import WagtailAPIRouter

from tests.projects.urls import urlpatterns as usual
from wagtail_pledge.api.viewsets import CheckedDocumentsAPIViewSet, CheckedImagesAPIViewSet, CheckedPagesAPIViewSet

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", CheckedPagesAPIViewSet)
router.register_endpoint("images", CheckedImagesAPIViewSet)
router.register_endpoint("documents", CheckedDocumentsAPIViewSet)

urlpatterns = [path("api/v2/", router.urls), *usual]
