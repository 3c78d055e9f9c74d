"""The campaign's pages in both languages: one pledge, one count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Collection, Locale, Page, Site

from example_project.campaign.demo.content import Content, languages, read_content, resolved
from example_project.campaign.models import ContentPage, HomePage
from wagtail_pledge.pages.models import PledgePage, SignerTypePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.models import State, Treaty

GOAL: Final = 10_000
STEPS: Final = "500 1000 2500 5000 10000"
#: What a page has as a stream of blocks; the rest of its fields is text or a date.
STREAMS: Final = ("aside", "body", "more", "questions")

Pages = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page stands: its name in the content files, which is its slug, and the page above it."""

    name: str
    model: type[Page]
    parent: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


PLACES: Final = (
    Place(name="home", model=HomePage),
    Place(name="ratify", model=PledgePage, parent="home"),
    Place(name="individual", model=SignerTypePage, parent="ratify", fields={"kind": "individual"}),
    Place(name="organization", model=SignerTypePage, parent="ratify", fields={"kind": "organization"}),
    Place(name="zimbabwe", model=UpdatePage, parent="ratify"),
    Place(name="anniversary", model=UpdatePage, parent="ratify"),
    Place(name="treaty", model=TreatyStatusPage, parent="home"),
    Place(name="summary", model=ContentPage, parent="home"),
    Place(name="contact", model=ContentPage, parent="home"),
    Place(name="privacy", model=ContentPage, parent="home"),
)
#: The ways to sign come before the pledge's page: publishing it freezes what each of them shows.
PUBLISHING: Final = (
    *("summary", "contact", "privacy", "treaty", "individual", "organization"),
    *("ratify", "zimbabwe", "anniversary", "home"),
)


@transaction.atomic
def load_pages(collection: Collection, documents: dict[str, Any]) -> dict[str, Pages]:
    """Write the pages that are missing and return all of them by language and name.

    A page that is there stays as its editors have made it.
    """
    contents = {language: read_content(language) for language in languages()}
    for language in contents:
        Locale.objects.get_or_create(language_code=language)
    first, *others = contents
    original = dict(_originals(contents[first]))
    pages = {first: original}
    for language in others:
        pages[language] = _translations(original, language, contents[language])
    pledge = original["ratify"].pledge
    _set_up_pledge(pledge, collection)
    for language, found in pages.items():
        _publish(found, contents[language], {"@pdf": documents.get(language), "@pledge": str(pledge.uuid)})
    return pages


def _texts(fields: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in fields.items() if name not in STREAMS}
    return {name: value.strip() if isinstance(value, str) else value for name, value in own.items()}


def _originals(content: Content) -> Iterator[tuple[str, Any]]:
    pages: Pages = {}
    for place in PLACES:
        above = pages[place.parent] if place.parent else None
        page = _child(above, place.name) if above else _home()
        if page is None:
            page = place.model(slug=place.name, live=False, **place.fields, **_texts(content[place.name]))
            _add(page, above)
        pages[place.name] = page
        yield place.name, page


def _child(above: Page, slug: str) -> Any | None:
    found = above.get_children().filter(slug=slug).first()
    return found.specific if found else None


def _home() -> Any | None:
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    home = site.root_page.specific if site else None
    return home if isinstance(home, HomePage) else None


def _add(page: Any, above: Page | None) -> None:
    if above is not None:
        above.add_child(instance=page)
        return
    # Wagtail's own first page gives way
    welcome = Page.objects.filter(depth=2, slug="home").first()
    page.slug = "campaign"
    Page.get_first_root_node().add_child(instance=page)
    Site.objects.update_or_create(is_default_site=True, defaults={"root_page": page, "hostname": "localhost"})
    if welcome is not None and type(welcome.specific) is Page:
        welcome.delete()


def _translations(original: Pages, language: str, content: Content) -> Pages:
    locale = Locale.objects.get(language_code=language)
    pages: Pages = {}
    for place in PLACES:
        if place.name not in content:
            continue
        page = original[place.name].get_translation_or_none(locale)
        if page is None:
            page = original[place.name].copy_for_translation(locale)
            for name, value in _texts(content[place.name]).items():
                setattr(page, name, value)
            page.draft_title = page.title
            page.save()
        pages[place.name] = page.specific
    return pages


def _set_up_pledge(pledge: Pledge, collection: Collection) -> None:
    """Give a new pledge what belongs to the ledger; a goal that somebody has set stays."""
    if pledge.goal is None and pledge.collection_id != collection.pk:
        pledge.goal, pledge.goal_steps = GOAL, STEPS
        pledge.country, pledge.collection = "US", collection
        pledge.save()


def _publish(pages: Pages, content: Content, references: dict[str, Any]) -> None:
    known = {**references, **{f"@{name}": page.pk for name, page in pages.items()}}
    for name in filter(pages.__contains__, PUBLISHING):
        # Read again: what stands in the tree above has come to have children since
        page = pages[name] = type(pages[name])._default_manager.get(pk=pages[name].pk)
        if page.live or page.first_published_at:
            continue
        if isinstance(page, TreatyStatusPage):
            page.treaty, page.spotlight = Treaty.objects.get(key="cmw"), State.objects.get(key="USA")
            page.missing_group, page.campaign = "migrant_hosts", pages["ratify"].pledge
        if name == "summary":
            page.document_id = references["@pdf"]
        for stream in content[name].keys() & set(STREAMS):
            blocks = getattr(page, stream).stream_block
            setattr(page, stream, blocks.to_python(resolved(content[name][stream], known)))
        page.save_revision().publish()
        page.refresh_from_db()


def set_up_site(pages: dict[str, Pages]) -> Site:
    """Let the default site begin at the home page and be called by the address that it is served at."""
    parts = urlsplit(settings.WAGTAIL_PLEDGE_BASE_URL)
    defaults = {
        "hostname": parts.hostname,
        "port": parts.port or (443 if parts.scheme == "https" else 80),
        "site_name": settings.WAGTAIL_SITE_NAME,
        "root_page": next(iter(pages.values()))["home"],
    }
    site, _created = Site.objects.update_or_create(is_default_site=True, defaults=defaults)
    return site
