"""Treaty sources from the setting ``WAGTAIL_PLEDGE_TREATY_SOURCES``.

Separate from ``base`` so that a site's own source can import the base class without loading all sources.
"""

from __future__ import annotations

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.treaties.sources.base import TreatySource, UnreadableFile


def treaty_sources() -> dict[str, TreatySource]:
    """Return an instance of each registered source by its name, in the setting's order."""
    sources: list[TreatySource] = [import_string(path)() for path in get_setting("TREATY_SOURCES")]
    return {source.name: source for source in sources}


def source_for(filename: str, content: bytes) -> TreatySource:
    """Return the first source that can read the file. Raises :class:`UnreadableFile` if none can."""
    sources = treaty_sources()
    found = next((source for source in sources.values() if source.can_read(filename, content)), None)
    if found is None:
        message = _("No source reads “%(name)s”. Known sources: %(known)s.")
        raise UnreadableFile(message % {"name": filename, "known": ", ".join(sources)})
    return found


def source_named(name: str) -> TreatySource:
    """Return the source of that name. Raises :class:`UnreadableFile` if no such source is registered."""
    sources = treaty_sources()
    if name not in sources:
        message = _("There is no source “%(name)s”. Known sources: %(known)s.")
        raise UnreadableFile(message % {"name": name, "known": ", ".join(sources)})
    return sources[name]
