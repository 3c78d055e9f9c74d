"""Upload of a treaty list: the size is checked before the body is read, and nothing is written to disk."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.base import MAX_BYTES, TreatySource
from wagtail_pledge.treaties.sources.registry import source_for, source_named, treaty_sources

#: Bytes that the other fields and the multipart headers may add to the file.
MAX_OVERHEAD: Final = 64 * 1024


class InMemoryUploadHandler(MemoryFileUploadHandler):
    """Keeps files of any size in memory; :func:`is_too_large` limits the size before."""

    def handle_raw_input(self, *_args: Any, **_kwargs: Any) -> None:
        """Accept every file; Django's own handler leaves files above 2.5 MB to one that writes to disk."""
        self.activated = True


def is_too_large(request: HttpRequest) -> bool:
    """Whether ``Content-Length`` is above the limit or invalid. WSGI treats a body without a length as empty."""
    try:
        length = int(request.headers.get("content-length") or 0)
    except ValueError:
        return True
    return length > MAX_BYTES + MAX_OVERHEAD


def keep_in_memory(request: HttpRequest) -> None:
    """Keep the uploads of this request off the disk, unless a middleware of the site has already read the body."""
    try:
        request.upload_handlers = [InMemoryUploadHandler(request)]
    except AttributeError:
        return


def _sources() -> list[tuple[str, Any]]:
    sources = [(name, source.label) for name, source in treaty_sources().items()]
    return [("", _("Detect automatically")), *sources]


class TreatySelectField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A select of treaties that is no wider than the window. It marks treaties whose status was never imported."""

    def __init__(self, **kwargs: Any) -> None:
        # The class is Wagtail's: a long title would widen the select
        super().__init__(widget=forms.Select(attrs={"class": "w-w-full"}), **kwargs)

    def label_from_instance(self, obj: Treaty) -> str:
        """Return the treaty's names, and whether it has no data."""
        return str(obj) if obj.as_of else gettext("%(treaty)s (no data yet)") % {"treaty": obj}


class TreatyImportForm(forms.Form):
    """Treaty and file, and the date and format if the file does not show them."""

    treaty = TreatySelectField(
        label=_("Treaty"), queryset=Treaty.objects.all(), help_text=_("The treaty whose status the list describes.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("The depositary’s page saved from your browser (“HTML only”), its XML, or a CSV. At most 10 MB."),
    )
    as_of = forms.DateField(
        label=_("Status as of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only needed if the list does not show its date. UN pages do."),
    )
    source = forms.ChoiceField(label=_("Format"), required=False, choices=_sources)

    def read(self) -> bytes:
        """Return the file's content."""
        content: bytes = self.cleaned_data["file"].read()
        return content

    def get_source(self, content: bytes) -> TreatySource:
        """Return the chosen source, or the one that recognises the file."""
        name = self.cleaned_data["source"]
        return source_named(name) if name else source_for(self.cleaned_data["file"].name, content)
