"""The router of Wagtail's API v2, whose pages include the package's API fields (for headless front ends)."""

from __future__ import annotations

from wagtail.api.v2.router import WagtailAPIRouter

from wagtail_pledge.api.viewsets import CheckedDocumentsAPIViewSet, CheckedImagesAPIViewSet, CheckedPagesAPIViewSet

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", CheckedPagesAPIViewSet)
router.register_endpoint("images", CheckedImagesAPIViewSet)
router.register_endpoint("documents", CheckedDocumentsAPIViewSet)
