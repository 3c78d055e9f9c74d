"""What all page types of the package have in common."""

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
from wagtail_pledge.campaigns.seo import sitemap_alternates, sitemap_entries_outside_tree
from wagtail_pledge.core.csp import add_csp_header
from wagtail_pledge.core.http import SAFE_METHODS, render_within

#: Name of the class attribute that holds the panels of a tab, and the tab's name.
Tab = tuple[str, Any]


def build_edit_handler(page_class: type[Any], tabs: Sequence[Tab]) -> TabbedInterface:
    """Return the editor of ``page_class``; a tab whose attribute is absent or empty is left out."""
    found = [(getattr(page_class, name, ()), heading) for name, heading in tabs]
    return TabbedInterface([ObjectList(panels, heading=heading) for panels, heading in found if panels])


def load_image_with_renditions(page: Any) -> None:
    """Load ``page.image`` with its renditions, where the page has a picture that is not loaded yet.

    All of them: Wagtail takes a size that is not among those that were brought for one to be made, each time anew.
    Where none was made yet, Wagtail loads the picture when it makes them.
    """
    if not getattr(page, "image_id", None) or page._meta.get_field("image").is_cached(page):
        return
    renditions = list(
        get_image_model().get_rendition_model().objects.filter(image=page.image_id).select_related("image")
    )
    if not renditions:
        return
    picture = renditions[0].image
    for rendition in renditions:
        rendition.image = picture
    # As ``prefetch_renditions`` leaves them
    picture.prefetched_renditions = renditions
    page.image = picture


class BasePageMixin(models.Model):
    """Base of the page mixins: template, frame, caching."""

    #: What it shows: a ``"pledge"`` or ``"signer_type"`` of the ledger, an ``"update"``, a ``"treaty"``, the
    #: ``"campaigns"`` below.
    page_role: ClassVar[str] = ""
    #: Serves where the site has no template named after the page class, as Wagtail names it (``myapp/my_page.html``).
    default_template: ClassVar[str]
    #: The names in the query of its address that the page reads. For any other an answer is the same; add your own.
    query_parameters: ClassVar[tuple[str, ...]] = ()
    #: The tabs of the editor in their order: the attribute of the class that holds the panels, and the tab's name. Add
    #: a panel to an attribute, or a tab of your own to the list; a tab without panels is left out.
    edit_tabs: ClassVar[list[Tab]] = [
        ("content_panels", _("Content")),
        ("promote_panels", _("Promote")),
        ("settings_panels", _("Settings")),
    ]
    #: Nothing is sent to a page: forms have addresses of their own. A page of yours that takes one says so here.
    allowed_http_methods: ClassVar[list[Any]] = [*SAFE_METHODS]

    class Meta:
        abstract = True

    @classproperty
    def edit_handler(cls) -> TabbedInterface:  # noqa: N805 - a property of the class
        """Override to build the editor otherwise. Wagtail asks for it by this name, once a page type."""
        return build_edit_handler(cls, cls.edit_tabs)

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[str]:
        """Return the templates to try, the site's first."""
        named = super().get_template(request, *args, **kwargs)  # type: ignore[misc]
        return [*([named] if isinstance(named, str) else named), self.default_template]

    @cached_property
    def _view_restrictions(self) -> Any:
        return cached_view_restrictions(self, super().get_view_restrictions)  # type: ignore[misc]

    def get_view_restrictions(self) -> Any:
        """Return the restrictions, asked for once a request: Wagtail looks before serving, we before caching."""
        return self._view_restrictions

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the page and what stands around it."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        load_image_with_renditions(self)
        return {**context, **page_layout_context(self, request)}

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Return the page and those of its translations that stand where Wagtail does not look, each with the addresses
        of all; nothing for one that only repeats another's words.
        """
        found = public_translations(self)
        named = [one for one in found if one.pk == self.pk and one.alias_of_id is None]
        named += sitemap_entries_outside_tree(self, found, request)
        entries = [entry for one in named for entry in super(BasePageMixin, one).get_sitemap_urls(request)]  # type: ignore[misc]
        alternates = sitemap_alternates(found)
        return [{**entry, "alternates": alternates} for entry in entries]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Serve the page without anything of the visitor's in it, so that anyone may keep it for a while."""
        with use_request_cache(request):
            reuse_translations(self)
            response = super().serve(request, *args, **kwargs)  # type: ignore[misc]
            depend_on_query(request, self.query_parameters)
            response = set_page_headers(self, request, response)
        return render_within(response, partial(use_request_cache, request))

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Override to show something else than the page in one of ``preview_modes``; ``None``: the page itself."""
        return None

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """Serve the draft for the preview panel, whose frame may show it."""
        # Whoever asks for no mode in particular gives ``None``
        with use_request_cache(request):
            step = self.get_preview(request, mode_name or "")
            response = add_csp_header(request, step or super().serve_preview(request, mode_name))  # type: ignore[misc]
        return render_within(response, partial(use_request_cache, request))


class PledgeChildPageMixin(BasePageMixin):
    """Base of pages that belong to the pledge page above them."""

    class Meta:
        abstract = True

    def parent_pledge_page(self) -> Any | None:
        """Return the page above that holds the pledge, or ``None``."""
        parent = self.get_parent()  # type: ignore[attr-defined]
        specific = parent.specific if parent else None
        return specific if hasattr(specific, "ensure_pledge") else None
