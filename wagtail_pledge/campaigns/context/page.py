"""Template context of pages that show a pledge, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypedDict

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from wagtail_pledge.blocks.names import organizations_url
from wagtail_pledge.blocks.states import state_text
from wagtail_pledge.blocks.updates import updates_for_context
from wagtail_pledge.caching.headers import is_shared_cacheable, limit_max_age, mark_has_stamp
from wagtail_pledge.campaigns.context.draft import preview_statement
from wagtail_pledge.campaigns.context.form import sign_context
from wagtail_pledge.campaigns.lookups import page_models_with_role
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import qr
from wagtail_pledge.core.db import PreparedQuery, database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import current_statements, progress_of, public_state, seconds_until_change
from wagtail_pledge.signing.stamps import issue_stamp

#: How many updates the column of a campaign page shows.
SIDE_UPDATES: Final = 2
#: The context of a page without a pledge.
EMPTY_CONTEXT: Final[dict[str, Any]] = {
    "pledge": None,
    "state": "draft",
    "state_text": None,
    "sign": None,
    "signer_types": [],
    "progress": None,
    "qr_url": "",
    "is_surge": False,
}


class FormTexts(TypedDict, total=False):
    """Texts around the form that editors wrote, as keyword arguments of ``sign_context``."""

    button_text: str
    privacy_note: str


def signer_type_pages_under(pledge_page: Any) -> list[Any]:
    """Return the live signer-type pages under a pledge page in tree order; one query per page model."""
    if not pledge_page.pk:
        return []
    first, last = (pledge_page.path + pledge_page.alphabet[end] * pledge_page.steplen for end in (0, -1))
    pages: list[Any] = []
    for model in page_models_with_role("signer_type"):
        pages += _signer_type_pages(model).rows(depth=pledge_page.depth + 1, first=first, last=last)
    return sorted(pages, key=lambda page: page.path)


@cache
def _signer_type_pages(model: Any) -> PreparedQuery:
    """Return the query for the live signer-type pages of one page model, by depth and by their paths' range."""

    def build(*, depth: int, first: str, last: str) -> Any:
        return model.objects.live().filter(signer_type__isnull=False, depth=depth, path__range=(first, last))

    return PreparedQuery(build, {"depth": 2_147_483_001, "first": "first", "last": "last"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysToSign:
    """The ways to sign of a pledge page in its language: the form on the page, then the signer-type pages below.

    The form on the page is that of the pledge's first signer type, unless a page below shows that type. Signer types
    whose kind is no longer registered are left out.
    """

    pledge_page: Any
    pages: list[Any]
    #: The current statements by signer type id.
    statements: Mapping[int, Any]

    @property
    def own_signer_type(self) -> SignerType | None:
        """The signer type whose form is on the pledge page and on no page below, or ``None``."""
        types = [statement.signer_type for statement in self.statements.values()]
        first = min(types, key=lambda signer_type: (signer_type.position, signer_type.pk), default=None)
        has_page = first is not None and first.pk in {page.signer_type_id for page in self.pages}
        return None if first is None or has_page or first.kind not in kinds() else first

    def statement(self, *, signer_type_id: int | None = None, kind: str = "") -> Any | None:
        """Return the statement of the signer type, else of the first way to sign of ``kind``, else of the first."""
        ways = [
            *([self.own_signer_type.pk] if self.own_signer_type else []),
            *(page.signer_type_id for page in self.pages),
        ]
        ordered = [signer_type_id] if signer_type_id else [*ways, *sorted(self.statements)]
        statements = [self.statements[key] for key in ordered if key in self.statements]
        signable = [statement for statement in statements if statement.signer_type.kind in kinds()]
        of_kind = (one for one in signable if one.signer_type.kind == kind and one.signer_type_id in ways)
        return next(of_kind, signable[0] if signable else None)

    def links(self, request: HttpRequest, *, current: Any = None, without: int | None = None) -> list[dict[str, Any]]:
        """Return one link per way to sign: ``title``, ``url``, ``kind``, ``current`` (it is on the page ``current``).

        The signer type with id ``without`` is left out. ``[]`` if the form on the pledge page is the only way.
        """
        current_pk = current.pk if current is not None else None
        below = [
            (page.signer_type_id, _link(page.title, page.get_url(request), page.kind, page.pk == current_pk))
            for page in self.pages
            if page.kind in kinds()
        ]
        ways = [self._own_link(request, current_pk), *below] if self.own_signer_type and below else below
        return [link for signer_type_id, link in ways if signer_type_id != without]

    def _own_link(self, request: HttpRequest, current_pk: int | None) -> tuple[int, dict[str, Any]]:
        own_signer_type: Any = self.own_signer_type
        url = f"{self.pledge_page.get_url(request) or ''}#sign"
        return own_signer_type.pk, _link(
            str(get_kind(own_signer_type.kind).invitation), url, own_signer_type.kind, self.pledge_page.pk == current_pk
        )


def _link(title: str, url: str | None, kind: str, is_current: bool) -> dict[str, Any]:
    return {"title": title, "url": url, "kind": kind, "current": is_current}


def ways_to_sign(pledge_page: Any) -> WaysToSign:
    """Return the ways to sign of a pledge page; one query per page model and one for the statements."""
    has_pledge = pledge_page.pledge_id is not None
    statements = current_statements(pledge_page.pledge_id, pledge_page.locale.language_code) if has_pledge else {}
    return WaysToSign(pledge_page=pledge_page, pages=signer_type_pages_under(pledge_page), statements=statements)


def form_texts(statement: Any, pledge_page: Any, pages: list[Any]) -> FormTexts:
    """Return the editors' texts around the form of ``statement``.

    ``pages`` are the signer-type pages under the pledge page; the page of the statement's signer type goes first.
    """
    signer_type_page = next((page for page in pages if page.signer_type_id == statement.signer_type_id), None)
    texts = [page.button_text for page in (signer_type_page, pledge_page) if page is not None and page.button_text]
    return {"button_text": texts[0] if texts else "", "privacy_note": pledge_page.privacy_note}


def qr_url(pledge: Any, state: str) -> str:
    """Return the URL of the QR code of a pledge's page; ``""`` for a draft or without ``segno``."""
    if not (qr.IS_INSTALLED and pledge.pk) or state == PledgeState.DRAFT:
        return ""
    return f"{reverse('wagtail_pledge:qr_svg', args=[pledge.uuid])}?lang={get_language()}"


def _page_stamp(request: HttpRequest, statement: Any) -> str:
    """Return a stamp for a page that no cache may store, ``""`` for another: so one step is enough without JavaScript.

    On a page that caches store, everybody would have the same stamp: there the form is shown once more, with a stamp.
    """
    is_cached = is_shared_cacheable(request) and get_setting("PAGE_MAX_AGE") > 0
    if is_cached or getattr(request, "is_preview", False) or statement.pk is None:
        return ""
    mark_has_stamp(request)
    return issue_stamp(statement.sha256, statement.db_now)


def side_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``newest_updates`` and ``organizations_url`` for the column of a campaign page; one query.

    ``organizations_url`` is ``""`` while the page shows no number of organizations. Not in a surge.
    """
    if context["pledge"] is None or context["pledge"].pk is None or context["is_surge"]:
        return {"newest_updates": [], "organizations_url": ""}
    progress = context["progress"]
    shown_kinds = {kind["kind"] for kind in progress.kinds} if progress and progress.show else set()
    return {
        "newest_updates": updates_for_context(context, SIDE_UPDATES),
        "organizations_url": organizations_url(context["pledge"]) if "organization" in shown_kinds else "",
    }


def pledge_context(
    page: Any, request: HttpRequest, *, pledge_page: Any, signer_type_id: int | None = None, kind: str = ""
) -> dict[str, Any]:
    """Return ``pledge, state, state_text, sign, signer_types, progress, qr_url, is_surge`` for a page of a pledge.

    ``sign`` is the form of ``signer_type_id``, else of the first way to sign of ``kind``, else of the first. In a
    preview it is made from the edited page.
    """
    is_preview = getattr(request, "is_preview", False)
    if pledge_page is None or (pledge_page.pledge_id is None and not is_preview):
        return dict(EMPTY_CONTEXT)
    ways = ways_to_sign(pledge_page)
    statement = preview_statement(page) if is_preview else ways.statement(signer_type_id=signer_type_id, kind=kind)
    texts = form_texts(statement, pledge_page, ways.pages) if statement else {}
    sign = sign_context(statement, stamp=_page_stamp(request, statement), **texts) if statement else None
    pledge = statement.signer_type.pledge if statement else pledge_page.pledge
    now = statement.db_now if statement else database_now()
    limit_max_age(request, seconds_until_change(pledge, now))
    state = sign.state if sign else public_state(pledge, now)
    # The campaign's own text about a pause is not about the signing switch
    has_text = state != PledgeState.OPEN and state == public_state(pledge, now)
    text = state_text(getattr(pledge_page, "body", None), state) if has_text else None
    return {
        "pledge": pledge,
        "state": state,
        "state_text": text,
        "sign": sign,
        "signer_types": ways.links(request, current=page),
        "progress": progress_of(pledge) if pledge.pk else None,
        "qr_url": qr_url(pledge, state),
        "is_surge": getattr(statement, "is_surge", False),
    }
