"""Rendering of mails to signers, from the signature as it is when the mail is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.i18n import language_query, time_in_zone
from wagtail_pledge.core.registry import message_kinds, pledge_url, providers
from wagtail_pledge.signing.enums import Approval, EventKind, MessageKind
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import SignatureEvent, Submission, Suppression
from wagtail_pledge.signing.services.codes import code_for_mail
from wagtail_pledge.signing.services.lifecycle import CONFIRM, MANAGE, public_name_of, token_for
from wagtail_pledge.signing.services.signing import end_by_closing
from wagtail_pledge.signing.services.sources import referral_url
from wagtail_pledge.signing.services.suppression import NOT_ME, undo_token

T = TypeVar("T")

SUMMARY_CHARS: Final = 200
FIRST_NAME_CHARS: Final = 30
#: The mails to signers.
MAILS: Final = (
    MessageKind.CONFIRM,
    MessageKind.REMINDER,
    MessageKind.THANK_YOU,
    MessageKind.ALREADY_SIGNED,
    MessageKind.LINKS,
    MessageKind.STOPPED,
    MessageKind.APPROVED,
    MessageKind.REJECTED,
)
#: Mails that are only sent for ways to sign that require approval.
DECISIONS: Final = frozenset({MessageKind.APPROVED, MessageKind.REJECTED})
#: Token in the links of a preview.
PREVIEW_TOKEN: Final = "only-a-preview"  # noqa: S105 - opens nothing
#: Sample context of those mails that have variables of their own.
PREVIEW_CONTEXT: Final[Mapping[str, Mapping[str, Any]]] = {
    MessageKind.CONFIRM: {"code": "123456"},
    MessageKind.ALREADY_SIGNED: {"is_counted": True},
    MessageKind.REJECTED: {"reason": _("[The reason that your colleague gives appears here.]")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """Subject and bodies of a rendered mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSubject:
    """What a mail is about: a signature of the ledger, or the unsaved one of a ``submission``.

    ``signatures`` are those that a mail with links lists, ``suppression`` is what the last mail can undo.
    """

    signature: Any
    submission: Submission | None = None
    signatures: Sequence[Any] = ()
    suppression: Suppression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTexts:
    """Editors' texts for the mails of a signer type in one language: plain text without placeholders.

    The package's default text is used for an empty one.
    """

    pledge_title: str = ""
    site_name: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLinks:
    """Absolute URLs for a mail, ``""`` if there is none; ``pledge`` is that of the page that shows the pledge."""

    confirm: str = ""
    manage: str = ""
    not_me: str = ""
    pledge: str = ""


_batch_cache: Final[ContextVar[dict[tuple[Any, ...], Any] | None]] = ContextVar("batch_cache", default=None)


@contextmanager
def cached_page_texts() -> Iterator[None]:
    """Context manager in which the texts and URLs of pages are looked up once per signer type and language.

    For one batch of mails, which takes a few seconds.
    """
    token = _batch_cache.set({})
    try:
        yield
    finally:
        _batch_cache.reset(token)


def _cached(key: tuple[Any, ...], look_up: Callable[[], T]) -> T:
    cache = _batch_cache.get()
    if cache is None:
        return look_up()
    if key not in cache:
        cache[key] = look_up()
    value: T = cache[key]
    return value


class NoBaseUrl(PledgeError):
    """Links cannot be built: the pledge has no page, and ``WAGTAIL_PLEDGE_BASE_URL`` is not set."""

    def __init__(self) -> None:
        super().__init__("no_base_url", "Set WAGTAIL_PLEDGE_BASE_URL, or publish a page of the pledge", permanent=False)


def base_url(pledge: Any, locale: str) -> str:
    """Return scheme and host for links in mails: ``WAGTAIL_PLEDGE_BASE_URL``, else those of the pledge's page.

    Never the host of a request, which its sender chooses. Raises :class:`NoBaseUrl`.
    """
    configured = get_setting("BASE_URL")
    if configured:
        return str(configured).rstrip("/")
    parts = urlsplit(_url(pledge, locale))
    if not parts.netloc:
        raise NoBaseUrl
    return f"{parts.scheme}://{parts.netloc}"


def _url(pledge: Any, locale: str) -> str:
    return _cached(("url", pledge.pk, locale), lambda: pledge_url(pledge, locale))


def _mail_texts(signature: Any) -> MailTexts:
    provider = providers.mail_texts
    if provider is None:
        return MailTexts()
    texts: MailTexts = _cached(("texts", signature.signer_type_id, signature.locale), lambda: provider(signature))
    return texts


def statement_summary(html: str) -> str:
    """Return the first paragraph of a statement as plain text, shortened to ``SUMMARY_CHARS``."""
    first = html.partition("</p>")[0].replace("<br/>", " ")
    return Truncator(_one_line(unescape(strip_tags(first)))).chars(SUMMARY_CHARS)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _greeting(signature: Any) -> str:
    """Return the first name for a mail to an unconfirmed mailbox if ``MAIL_GREETS_BY_NAME`` is on; else ``""``.

    Only if it looks like a name, so that nobody can send a text of their own to somebody else's address.
    """
    first = signature.name.split()[0][:FIRST_NAME_CHARS] if signature.name.split() else ""
    is_name = first[:1].isalpha() and all(c.isalpha() or c in "-’'" for c in first)
    return first if get_setting("MAIL_GREETS_BY_NAME") and is_name else ""


def _links(base: str, page_url: str, locale: str, **tokens: str) -> MailLinks:
    """Return the links for ``tokens``, which are given by the name of their view.

    They have the language in the query string, since the page of an expired link cannot look up the signer's language.
    """
    query = language_query(locale)
    urls = {view: f"{base}{reverse(f'wagtail_pledge:{view}', args=[token])}{query}" for view, token in tokens.items()}
    return MailLinks(pledge=page_url, **urls)


def _context(signature: Any, texts: MailTexts, links: MailLinks, *, is_confirmed: bool) -> dict[str, Any]:
    kind = get_kind(signature.kind)
    return {
        "name": signature.name if is_confirmed else _greeting(signature),
        "organization": signature.details.get("organization", "") if is_confirmed else "",
        "heading": kind.heading(name=signature.name, details=signature.details),
        "kind": kind.slug,
        "kind_label": kind.label,
        "pledge_title": texts.pledge_title or signature.pledge.title,
        "ask": statement_summary(signature.statement.text),
        "intro": texts.text,
        "confirm_url": links.confirm,
        "manage_url": links.manage,
        "not_me_url": links.not_me,
        "pledge_url": links.pledge,
        "site_name": texts.site_name or urlsplit(links.confirm or links.manage or links.not_me).netloc,
        "days": get_setting("CONFIRM_DAYS"),
    }


def render_mail(kind: str, subject: MailSubject) -> MailContent:
    """Return the mail ``kind`` (a ``MessageKind``) about ``subject``.

    Text of users never gets into the subject line. Raises :class:`NoBaseUrl`.
    """
    signature = subject.signature
    base = base_url(signature.pledge, signature.locale)
    page_url = _url(signature.pledge, signature.locale)
    links = _links(base, page_url, signature.locale, **_tokens(subject))
    return _compose(kind, signature, _mail_texts(signature), links, _kind_context(kind, subject, base, page_url))


def _tokens(subject: MailSubject) -> dict[str, str]:
    """Return the tokens of a mail by the name of their view: a mail about a submission never opens a signature."""
    if subject.suppression is not None:
        return {"not_me": undo_token(subject.suppression, subject.signature.pledge_id)}
    if subject.submission is not None:
        return {"confirm": token_for(CONFIRM, subject.submission), "not_me": token_for(NOT_ME, subject.submission)}
    return {"manage": token_for(MANAGE, subject.signature)}


def _kind_context(kind: str, subject: MailSubject, base: str, page_url: str) -> dict[str, Any]:
    """Return the template variables that only this kind of mail has."""
    signature = subject.signature
    if subject.submission is not None:
        code = code_for_mail(subject.submission) if kind == MessageKind.CONFIRM else ""
        days = dt.timedelta(days=get_setting("CONFIRM_DAYS"))
        until = end_by_closing(subject.submission)
        works_until = time_in_zone(until, signature.pledge.zone) if until is not None else ""
        deleted_on = signature.pledge.local_day(subject.submission.submitted_at + days)
        return {"code": code, "deleted_on": deleted_on, "works_until": works_until}
    if kind == MessageKind.REJECTED:
        rejections = SignatureEvent.objects.filter(
            pledge_id=signature.pledge_id, signature_uuid=signature.uuid, kind=EventKind.REJECTED
        )
        return {"reason": rejections.order_by("-pk").values_list("reason", flat=True).first() or ""}
    if kind == MessageKind.LINKS:
        return {"signatures": [_listed(base, page_url, one) for one in subject.signatures]}
    return {
        "is_counted": signature.is_counted,
        "is_waiting": signature.approval == Approval.WAITING,
        "shown_as": public_name_of(signature),
        "share_url": referral_url(signature, page_url) or page_url,
    }


def _listed(base: str, page_url: str, signature: Any) -> dict[str, str]:
    kind = get_kind(signature.kind)
    links = _links(base, page_url, signature.locale, manage=token_for(MANAGE, signature))
    return {"heading": kind.heading(name=signature.name, details=signature.details), "url": links.manage}


def preview_mail(kind: str, signature: Any, *, texts: MailTexts, base: str) -> MailContent:
    """Return the mail ``kind`` for an unsaved ``signature``, with links that do not work; no query.

    ``base`` is scheme and host.
    """
    sample = _links(base, base, signature.locale, confirm=PREVIEW_TOKEN, manage=PREVIEW_TOKEN, not_me=PREVIEW_TOKEN)
    heading = get_kind(signature.kind).heading(name=signature.name, details=signature.details)
    context = dict(PREVIEW_CONTEXT.get(kind, {}))
    if kind == MessageKind.LINKS:
        context["signatures"] = [{"heading": heading, "url": sample.manage}]
    if kind == MessageKind.THANK_YOU:
        is_waiting = signature.signer_type.approval_required
        context |= {"is_counted": not is_waiting, "is_waiting": is_waiting, "shown_as": heading, "share_url": base}
    return _compose(kind, signature, texts, sample, context)


def _compose(
    kind: str, signature: Any, texts: MailTexts, links: MailLinks, kind_context: Mapping[str, Any]
) -> MailContent:
    unconfirmed = kind in {MessageKind.CONFIRM, MessageKind.REMINDER}
    is_confirmed = not unconfirmed and kind != MessageKind.STOPPED
    context = _context(signature, texts, links, is_confirmed=is_confirmed)
    # A reminder is the confirmation mail with another subject and no code: the inbox page has expired by then
    context |= {"code": "", **kind_context}
    context["code_minutes"] = get_setting("INBOX_TICKET_MINUTES")
    folder = f"wagtail_pledge/emails/{MessageKind.CONFIRM if unconfirmed else kind}"
    custom = texts.subject if kind == MessageKind.CONFIRM else ""
    subject = custom or render_to_string(f"wagtail_pledge/emails/{kind}.subject.txt", context)
    return MailContent(
        subject=_one_line(subject),
        text=render_to_string(f"{folder}.txt", context),
        html=render_to_string(f"{folder}.html", context),
    )


def register_messages() -> None:
    """Register the mails of this module in ``core.registry``."""
    for kind in MAILS:
        message_kinds.register(str(kind), render_mail)
