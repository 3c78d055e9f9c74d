"""The upload of a list: a limit before anything is read, and nothing on disk."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.base import MAX_BYTES, TreatySource
from wagtail_pledge.treaties.sources.registry import source_for, source_named, treaty_sources

#: What the other fields and the parts' headers may add to the file.
MAX_OVERHEAD: Final = 64 * 1024


class InMemoryUploadHandler(MemoryFileUploadHandler):
    """Keeps files of any size in memory: how much that may be is decided by :func:`is_too_large` before."""

    def handle_raw_input(self, *_args: Any, **_kwargs: Any) -> None:
        """Take every file; Django's own handler leaves those above 2.5 MB to one that writes to the disk."""
        self.activated = True


def is_too_large(request: HttpRequest) -> bool:
    """Whether the body is announced to be larger than a list may be; a body without a length is empty to WSGI."""
    try:
        length = int(request.headers.get("content-length") or 0)
    except ValueError:
        return True
    return length > MAX_BYTES + MAX_OVERHEAD


def keep_in_memory(request: HttpRequest) -> None:
    """Let no file of this request touch the disk, unless a middleware of the site has read the body already."""
    try:
        request.upload_handlers = [InMemoryUploadHandler(request)]
    except AttributeError:
        return


def _sources() -> list[tuple[str, Any]]:
    known = [(name, source.label) for name, source in treaty_sources().items()]
    return [("", _("Recognise by itself")), *known]


class TreatyImportForm(forms.Form):
    """Which treaty, which file, and what the file may not say itself."""

    treaty = forms.ModelChoiceField(
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
        help_text=_("Only if the list does not say it. The pages of the United Nations do."),
    )
    source = forms.ChoiceField(label=_("Format"), required=False, choices=_sources)

    def read(self) -> bytes:
        """Return the file's content."""
        content: bytes = self.cleaned_data["file"].read()
        return content

    def reader(self, content: bytes) -> TreatySource:
        """Return the source that was chosen, else the one that recognises the file."""
        name = self.cleaned_data["source"]
        return source_named(name) if name else source_for(self.cleaned_data["file"].name, content)
