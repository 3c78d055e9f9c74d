"""Loads the campaign's pages in each language. All translations share one pledge and one count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from wagtail.models import Collection, Locale, Page, Site

from example_project.campaign.demo.content import Content, languages, read_content, resolve_references
from example_project.campaign.models import ContentPage, HomePage
from wagtail_pledge.pages.models import PledgePage, SignerTypePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.models import State, Treaty

GOAL: Final = 10_000
GOAL_STEPS: Final = "500 1000 2500 5000 10000"
#: The names of the StreamFields. All other fields in the content files are text or a date.
STREAM_FIELDS: Final = ("aside", "body", "more", "questions")

Pages = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """A page to create: its name in the content files, which is also its slug, its model and its parent."""

    name: str
    model: type[Page]
    parent: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


PAGE_TREE: Final = (
    PageSpec(name="home", model=HomePage),
    PageSpec(name="ratify", model=PledgePage, parent="home"),
    PageSpec(name="individual", model=SignerTypePage, parent="ratify", fields={"kind": "individual"}),
    PageSpec(name="organization", model=SignerTypePage, parent="ratify", fields={"kind": "organization"}),
    PageSpec(name="official", model=SignerTypePage, parent="ratify", fields={"kind": "elected-official"}),
    PageSpec(name="zimbabwe", model=UpdatePage, parent="ratify"),
    PageSpec(name="anniversary", model=UpdatePage, parent="ratify"),
    PageSpec(name="treaty", model=TreatyStatusPage, parent="home"),
    PageSpec(name="summary", model=ContentPage, parent="home"),
    PageSpec(name="decision", model=ContentPage, parent="home"),
    PageSpec(name="rights", model=ContentPage, parent="home"),
    PageSpec(name="contact", model=ContentPage, parent="home"),
    PageSpec(name="privacy", model=ContentPage, parent="home"),
)
#: The ways to sign come before the campaign's page, because publishing it freezes the text of each of them.
PUBLISHING_ORDER: Final = (
    *("summary", "contact", "privacy", "treaty", "individual", "organization", "official"),
    *("ratify", "rights", "decision", "zimbabwe", "anniversary", "home"),
)


@transaction.atomic
def load_pages(collection: Collection, documents: dict[str, Any]) -> dict[str, Pages]:
    """Create missing pages and return all pages by language and name.

    Existing pages are not changed.
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
        link = f"{reverse('wagtail_pledge:link', args=[pledge.uuid])}?lang={language}"
        references = {"@pdf": documents.get(language), "@pledge": str(pledge.uuid), "@link": link}
        _publish(found, contents[language], references)
    return pages


def _plain_fields(fields: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in fields.items() if name not in STREAM_FIELDS}
    return {name: value.strip() if isinstance(value, str) else value for name, value in plain.items()}


def _originals(content: Content) -> Iterator[tuple[str, Any]]:
    pages: Pages = {}
    for spec in PAGE_TREE:
        parent = pages[spec.parent] if spec.parent else None
        page = _child(parent, spec.name) if parent else _home()
        if page is None:
            page = spec.model(slug=spec.name, live=False, **spec.fields, **_plain_fields(content[spec.name]))
            _add(page, parent)
        pages[spec.name] = page
        yield spec.name, page


def _child(parent: Page, slug: str) -> Any | None:
    page = parent.get_children().filter(slug=slug).first()
    return page.specific if page else None


def _home() -> Any | None:
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    home = site.root_page.specific if site else None
    return home if isinstance(home, HomePage) else None


def _add(page: Any, parent: Page | None) -> None:
    if parent is not None:
        parent.add_child(instance=page)
        return
    # Replace the welcome page that Wagtail creates
    welcome = Page.objects.filter(depth=2, slug="home").first()
    page.slug = "campaign"
    Page.get_first_root_node().add_child(instance=page)
    Site.objects.update_or_create(is_default_site=True, defaults={"root_page": page, "hostname": "localhost"})
    if welcome is not None and type(welcome.specific) is Page:
        welcome.delete()


def _translations(original: Pages, language: str, content: Content) -> Pages:
    locale = Locale.objects.get(language_code=language)
    pages: Pages = {}
    for spec in PAGE_TREE:
        if spec.name not in content:
            continue
        page = original[spec.name].get_translation_or_none(locale)
        if page is None:
            page = original[spec.name].copy_for_translation(locale)
            for name, value in _plain_fields(content[spec.name]).items():
                setattr(page, name, value)
            page.draft_title = page.title
            page.save()
        pages[spec.name] = page.specific
    return pages


def _set_up_pledge(pledge: Pledge, collection: Collection) -> None:
    """Set goal, country and collection of a new pledge. A goal that an editor has set is kept."""
    if pledge.goal is None and pledge.collection_id != collection.pk:
        pledge.goal, pledge.goal_steps = GOAL, GOAL_STEPS
        pledge.country, pledge.collection = "US", collection
        pledge.save()


def _publish(pages: Pages, content: Content, references: dict[str, Any]) -> None:
    known = {**references, **{f"@{name}": page.pk for name, page in pages.items()}}
    for name in filter(pages.__contains__, PUBLISHING_ORDER):
        # Read again: adding children has changed the tree fields of the parents
        page = pages[name] = type(pages[name])._default_manager.get(pk=pages[name].pk)
        if page.live or page.first_published_at:
            continue
        if isinstance(page, TreatyStatusPage):
            page.treaty, page.spotlight = Treaty.objects.get(key="cmw"), State.objects.get(key="USA")
            page.missing_group, page.campaign = "migrant_hosts", pages["ratify"].pledge
        if name == "summary":
            page.document_id = references["@pdf"]
        for stream in content[name].keys() & set(STREAM_FIELDS):
            blocks = getattr(page, stream).stream_block
            value = blocks.to_python(resolve_references(content[name][stream], known))
            # A block that was read is stored with all of its fields, as by the editor: wagtail-localize needs them
            list(value)
            setattr(page, stream, value)
        page.save_revision().publish()
        page.refresh_from_db()


def set_up_site(pages: dict[str, Pages]) -> Site:
    """Set root page, host name, port and name of the default site."""
    parts = urlsplit(settings.WAGTAIL_PLEDGE_BASE_URL)
    defaults = {
        "hostname": parts.hostname,
        "port": parts.port or (443 if parts.scheme == "https" else 80),
        "site_name": settings.WAGTAIL_SITE_NAME,
        "root_page": next(iter(pages.values()))["home"],
    }
    site, _created = Site.objects.update_or_create(is_default_site=True, defaults=defaults)
    return site
