"""Base mixins of the package's page types."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import classproperty
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList, TabbedInterface
from wagtail.images import get_image_model

from wagtail_pledge.caching.headers import depend_on_query
from wagtail_pledge.caching.local import use_request_cache
from wagtail_pledge.campaigns.context.layout import (
    cached_view_restrictions,
    page_layout_context,
    public_translations,
    reuse_translations,
    set_page_headers,
)
from wagtail_pledge.campaigns.csp import add_csp_header
from wagtail_pledge.campaigns.seo import sitemap_alternates, sitemap_entries_outside_tree
from wagtail_pledge.core.http import SAFE_METHODS, render_within

#: A tab of the page editor: name of the class attribute that holds its panels, and its heading.
Tab = tuple[str, Any]


def build_edit_handler(page_class: type[Any], tabs: Sequence[Tab]) -> TabbedInterface:
    """Return the edit handler of ``page_class``; a tab whose attribute is absent or empty is left out."""
    tab_panels = [(getattr(page_class, name, ()), heading) for name, heading in tabs]
    return TabbedInterface([ObjectList(panels, heading=heading) for panels, heading in tab_panels if panels])


def load_image_with_renditions(page: Any) -> None:
    """Load ``page.image`` together with all its renditions, in one query, if it is set and not loaded yet.

    All renditions, because Wagtail treats one that is missing from ``prefetched_renditions`` as not generated yet. If
    there are none at all, nothing is loaded: Wagtail loads the image when it generates the first.
    """
    if not getattr(page, "image_id", None) or page._meta.get_field("image").is_cached(page):
        return
    renditions = list(
        get_image_model().get_rendition_model().objects.filter(image=page.image_id).select_related("image")
    )
    if not renditions:
        return
    image = renditions[0].image
    for rendition in renditions:
        rendition.image = image
    # The attribute that ``prefetch_renditions`` sets
    image.prefetched_renditions = renditions
    page.image = image


class BasePageMixin(models.Model):
    """Base of all page mixins: template, layout context, sitemap, caching headers, preview."""

    #: What the page shows: ``"pledge"``, ``"signer_type"``, ``"update"``, ``"treaty"`` or ``"campaigns"`` (an index).
    page_role: ClassVar[str] = ""
    #: Used if the site has no template with Wagtail's default name for the page class (``myapp/my_page.html``).
    default_template: ClassVar[str]
    #: Query parameters that the response depends on; the page cache ignores all others. Add those that you read.
    query_parameters: ClassVar[tuple[str, ...]] = ()
    #: Tabs of the page editor in their order: (name of the class attribute with the panels, heading). Add a panel to
    #: an attribute, or a tab to this list; a tab without panels is left out.
    edit_tabs: ClassVar[list[Tab]] = [
        ("content_panels", _("Content")),
        ("promote_panels", _("Promote")),
        ("settings_panels", _("Settings")),
    ]
    #: Pages take no POST: the package's forms have URLs of their own. Extend this if your page handles a form.
    allowed_http_methods: ClassVar[list[Any]] = [*SAFE_METHODS]

    class Meta:
        abstract = True

    @classproperty
    def edit_handler(cls) -> TabbedInterface:  # noqa: N805 - a property of the class
        """Override to build another edit handler. Wagtail reads this attribute once per page type."""
        page_class: Any = cls  # mypy takes the parameter for an instance
        return build_edit_handler(page_class, page_class.edit_tabs)

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[str]:
        """Return the template names to try: Wagtail's, then ``default_template``."""
        names = super().get_template(request, *args, **kwargs)  # type: ignore[misc]
        return [*([names] if isinstance(names, str) else names), self.default_template]

    @cached_property
    def _view_restrictions(self) -> Any:
        return cached_view_restrictions(self, super().get_view_restrictions)  # type: ignore[misc]

    def get_view_restrictions(self) -> Any:
        """Return the view restrictions, cached: Wagtail checks them before serving, the package for cache headers."""
        return self._view_restrictions

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return Wagtail's context and that of the layout."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        load_image_with_renditions(self)
        return {**context, **page_layout_context(self, request)}

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Return the sitemap entries of the page, each with the URLs of all public translations.

        Translations outside the site's page tree, which Wagtail's sitemap does not visit, get entries too. Aliases get
        none.
        """
        translations = public_translations(self)
        pages = [page for page in translations if page.pk == self.pk and page.alias_of_id is None]
        pages += sitemap_entries_outside_tree(self, translations, request)
        entries = [entry for page in pages for entry in super(BasePageMixin, page).get_sitemap_urls(request)]  # type: ignore[misc]
        alternates = sitemap_alternates(translations)
        return [{**entry, "alternates": alternates} for entry in entries]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Serve the page with cache headers: it has no data of the visitor, so that shared caches may store it."""
        with use_request_cache(request):
            reuse_translations(self)
            response = super().serve(request, *args, **kwargs)  # type: ignore[misc]
            depend_on_query(request, self.query_parameters)
            response = set_page_headers(self, request, response)
        return render_within(response, partial(use_request_cache, request))

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Override to return the response for one of ``preview_modes``; ``None`` shows the page itself."""
        return None

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """Serve the preview, with a content security policy that lets the preview panel frame it."""
        # Wagtail passes ``None`` where no mode was chosen
        with use_request_cache(request):
            preview = self.get_preview(request, mode_name or "")
            response = add_csp_header(request, preview or super().serve_preview(request, mode_name))  # type: ignore[misc]
        return render_within(response, partial(use_request_cache, request))


class PledgeChildPageMixin(BasePageMixin):
    """Base of page mixins for children of a pledge page."""

    class Meta:
        abstract = True

    def parent_pledge_page(self) -> Any | None:
        """Return the parent if it is a pledge page, else ``None``."""
        parent = self.get_parent()  # type: ignore[attr-defined]
        specific = parent.specific if parent else None
        return specific if hasattr(specific, "ensure_pledge") else None
