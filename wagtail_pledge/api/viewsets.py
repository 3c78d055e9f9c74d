"""Viewsets for Wagtail's API v2 that answer 400 to every query that Wagtail's own would answer with 500.

Separate because it needs Django REST framework, which is only there if the site uses Wagtail's API.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.http import QueryDict
from rest_framework.request import Request
from wagtail.api.v2.utils import BadRequestError
from wagtail.api.v2.views import BaseAPIViewSet, PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Site

#: Parameters whose values are numbers, and not columns; Wagtail checks that some are, and none for its size.
_NUMBERS: Final = ("limit", "offset", "id", "child_of", "ancestor_of", "descendant_of", "translation_of")
#: The largest number of a column for primary keys.
_LARGEST: Final = models.BigIntegerField.MAX_BIGINT
_PORT_DIGITS: Final = 5
_OPERATORS: Final = frozenset({"and", "or"})
#: Words and characters of a search that are used; the rest is cut off.
_SEARCH_WORDS: Final = 32
_SEARCH_CHARS: Final = 400
_WORD: Final = re.compile(r"\w")


class CheckedQueryMixin(BaseAPIViewSet):  # type: ignore[misc]
    """Checks the values of the query before they reach the database. Mix it into a viewset of Wagtail's API.

    Quotes in ``search`` are ignored, words after the 32nd too, and one without a letter or number finds nothing.
    """

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Return the request with a ``search`` that every search backend can read."""
        if "search" in request.GET:
            query: QueryDict = request.GET.copy()
            words = str(query["search"]).replace('"', " ")
            # Wagtail's search nests one level per word, and Python limits that
            words = " ".join(words[:_SEARCH_CHARS].split(maxsplit=_SEARCH_WORDS)[:_SEARCH_WORDS])
            query["search"] = words if _WORD.search(words) or "\x00" in words else ""
            request.GET = query
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise ``BadRequestError`` for values that no column can have."""
        super().initial(request, *args, **kwargs)
        for name, values in request.GET.lists():
            if any("\x00" in text for text in (name, *values)):
                message = "null characters are not allowed"
                raise BadRequestError(message)
        for name in _NUMBERS:
            _check_number(name, request.GET.get(name))
        if request.GET.get("search_operator", "and") not in _OPERATORS:
            message = "search_operator must be 'and' or 'or'"
            raise BadRequestError(message)

    def filter_queryset(self, queryset: Any) -> Any:
        """Check the values of the columns that the query filters by, then filter."""
        columns = self.get_available_fields(queryset.model, db_fields_only=True)
        for name in columns:
            if name != "locale" and name in self.request.GET:
                _check_column(queryset.model, name, self.request.GET[name])
        return super().filter_queryset(queryset)


class CheckedPagesAPIViewSet(CheckedQueryMixin, PagesAPIViewSet):  # type: ignore[misc]
    """Wagtail's pages endpoint with checked queries."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise ``BadRequestError`` for a ``site`` that does not exist, which Wagtail 7.4 answers with 500."""
        super().initial(request, *args, **kwargs)
        if "site" in request.GET and not _site_exists(request.GET["site"]):
            message = "no site has this address"
            raise BadRequestError(message)


class CheckedImagesAPIViewSet(CheckedQueryMixin, ImagesAPIViewSet):  # type: ignore[misc]
    """Wagtail's images endpoint with checked queries."""


class CheckedDocumentsAPIViewSet(CheckedQueryMixin, DocumentsAPIViewSet):  # type: ignore[misc]
    """Wagtail's documents endpoint with checked queries."""


def _site_exists(address: str) -> bool:
    """Return whether there is a site with this host name, or "host:port"."""
    hostname, has_port, port = address.partition(":")
    sites = Site.objects.filter(hostname=hostname)
    if not has_port:
        return bool(sites.exists())
    is_port = port.isascii() and port.isdigit() and len(port) <= _PORT_DIGITS
    return is_port and bool(sites.filter(port=int(port)).exists())


def _check_number(name: str, value: str | None) -> None:
    """Raise ``BadRequestError`` unless ``value`` is missing, a number that fits into a column, or "root"."""
    if value is None or (value == "root" and name.endswith("_of")):
        return
    is_number = value.strip().isdecimal() and len(value) <= len(str(_LARGEST))
    if not is_number or int(value) > _LARGEST:
        message = f"{name} must be a positive integer"
        raise BadRequestError(message)


def _check_column(model: Any, name: str, value: str) -> None:
    """Raise ``BadRequestError`` if no row of the column can have ``value``; Wagtail checks booleans and tags itself."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return
    column = getattr(field, "target_field", field)
    if isinstance(column, models.BooleanField) or not isinstance(column, models.Field):
        return
    try:
        python = column.to_python(value)
        if isinstance(column, models.IntegerField):
            column.run_validators(python)
    except (ValidationError, ValueError, OverflowError) as error:
        message = f"field filter error. This is not a valid value for {name}"
        raise BadRequestError(message) from error
