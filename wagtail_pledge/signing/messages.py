"""The ledger's mails: rendered from the signature at the moment of sending, in its language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from wagtail_pledge.core.i18n import asked_in
from wagtail_pledge.core.registry import message_kinds, pledge_url, providers
from wagtail_pledge.signing.enums import EventKind, MessageKind
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import SignatureEvent
from wagtail_pledge.signing.services.inbox import mail_code
from wagtail_pledge.signing.services.lifecycle import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME

T = TypeVar("T")

ASK_CHARS: Final = 200
FIRST_NAME_CHARS: Final = 30
#: Everything that this room can say by mail.
MAILS: Final = (
    MessageKind.CONFIRM,
    MessageKind.REMINDER,
    MessageKind.ALREADY_SIGNED,
    MessageKind.APPROVED,
    MessageKind.REFUSED,
)
#: What is said only where staff decide.
DECISIONS: Final = frozenset({MessageKind.APPROVED, MessageKind.REFUSED})
#: Stands for a token in the links of a sample.
OPENS_NOTHING: Final = "only-a-preview"
#: What a sample says where only one kind of mail says something.
SAMPLE_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    MessageKind.CONFIRM: {"code": "123456"},
    MessageKind.REFUSED: {"reason": _("Here stands the reason that your colleague gave.")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """A mail without its address."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWords:
    """What an editor wrote for a signer type in a language; empty parts fall back to the package's words. Literal
    text, no placeholders.
    """

    pledge_title: str = ""
    site_name: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLinks:
    """The addresses in a mail, absolute; ``pledge`` is ``""`` where no page shows the pledge."""

    confirm: str
    manage: str
    not_me: str
    pledge: str


_looked_up: Final[ContextVar[dict[tuple[Any, ...], Any] | None]] = ContextVar("looked_up", default=None)


@contextmanager
def one_batch() -> Iterator[None]:
    """Within, what pages say is looked up once a signer type and language: a batch is over in seconds."""
    token = _looked_up.set({})
    try:
        yield
    finally:
        _looked_up.reset(token)


def _once(key: tuple[Any, ...], look_up: Callable[[], T]) -> T:
    known = _looked_up.get()
    if known is None:
        return look_up()
    if key not in known:
        known[key] = look_up()
    found: T = known[key]
    return found


class NoBaseUrl(PledgeError):
    """Links can't be made: the pledge has no page and no base URL is set."""

    def __init__(self) -> None:
        super().__init__("no_base_url", "Set WAGTAIL_PLEDGE_BASE_URL, or publish a page of the pledge", permanent=False)


def base_url(pledge: Any, locale: str) -> str:
    """Return scheme and host for links in mail: the setting, else the site of the pledge's page; never a
    request's host.

    Raises :class:`NoBaseUrl`.
    """
    configured = get_setting("BASE_URL")
    if configured:
        return str(configured).rstrip("/")
    parts = urlsplit(_url(pledge, locale))
    if not parts.netloc:
        raise NoBaseUrl
    return f"{parts.scheme}://{parts.netloc}"


def _url(pledge: Any, locale: str) -> str:
    return _once(("url", pledge.pk, locale), lambda: pledge_url(pledge, locale))


def _words(signature: Any) -> MailWords:
    provider = providers.mail_words
    if provider is None:
        return MailWords()
    found: MailWords = _once(("words", signature.signer_type_id, signature.locale), lambda: provider(signature))
    return found


def ask_in_one_line(html: str) -> str:
    """Return the first paragraph of a statement as plain text, shortened to ``ASK_CHARS``."""
    first = html.partition("</p>")[0].replace("<br/>", " ")
    return Truncator(_one_line(unescape(strip_tags(first)))).chars(ASK_CHARS)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _greeting(signature: Any) -> str:
    """Return the first name if the site wants it in mails to a mailbox that has confirmed nothing; else ``""``.

    Whoever types somebody else's address must not get a text of his own into that mailbox.
    """
    first = signature.name.split()[0][:FIRST_NAME_CHARS] if signature.name.split() else ""
    is_name = first[:1].isalpha() and all(c.isalpha() or c in "-’'" for c in first)
    return first if get_setting("MAIL_GREETS_BY_NAME") and is_name else ""


def _links(base: str, page_url: str, locale: str, **tokens: str) -> MailLinks:
    """Make links of the tokens, by the name of their view. They say the language: a link that has died knows no signer
    to ask for it.
    """
    asked = asked_in(locale)
    urls = {view: f"{base}{reverse(f'wagtail_pledge:{view}', args=[token])}{asked}" for view, token in tokens.items()}
    return MailLinks(pledge=page_url, **urls)


def _context(signature: Any, words: MailWords, links: MailLinks, *, is_confirmed: bool) -> dict[str, Any]:
    kind = get_kind(signature.kind)
    return {
        "name": signature.name if is_confirmed else _greeting(signature),
        "organization": signature.details.get("organization", "") if is_confirmed else "",
        "heading": kind.heading(name=signature.name, details=signature.details),
        "kind_label": kind.label,
        "pledge_title": words.pledge_title or signature.pledge.title,
        "ask": ask_in_one_line(signature.statement.text),
        "intro": words.text,
        "confirm_url": links.confirm,
        "manage_url": links.manage,
        "not_me_url": links.not_me,
        "pledge_url": links.pledge,
        "site_name": words.site_name or urlsplit(links.confirm).netloc,
        "days": get_setting("CONFIRM_DAYS"),
    }


def render_mail(kind: str, signature: Any, *, epoch: int) -> MailContent:
    """Return the mail ``kind`` for ``signature``. No user's text gets into the subject."""
    links = _links(
        base_url(signature.pledge, signature.locale),
        _url(signature.pledge, signature.locale),
        signature.locale,
        confirm=token_for(CONFIRM, signature, epoch=epoch),
        manage=token_for(MANAGE, signature),
        not_me=token_for(NOT_ME, signature),
    )
    return _compose(kind, signature, _words(signature), links, _own_parts(kind, signature))


def _own_parts(kind: str, signature: Any) -> dict[str, str]:
    """Return what only this kind of mail says."""
    if kind == MessageKind.CONFIRM:
        return {"code": mail_code(signature)}
    if kind == MessageKind.REFUSED:
        refusals = SignatureEvent.objects.filter(
            pledge_id=signature.pledge_id, signature_uuid=signature.uuid, kind=EventKind.REFUSED
        )
        return {"reason": refusals.order_by("-pk").values_list("reason", flat=True).first() or ""}
    return {}


def sample_mail(kind: str, signature: Any, *, words: MailWords, base: str) -> MailContent:
    """Return the mail ``kind`` for an unsaved ``signature``, with links that open nothing; no query.

    ``base`` is scheme and host.
    """
    sample = _links(base, base, signature.locale, confirm=OPENS_NOTHING, manage=OPENS_NOTHING, not_me=OPENS_NOTHING)
    return _compose(kind, signature, words, sample, SAMPLE_PARTS.get(kind, {}))


def _compose(
    kind: str, signature: Any, words: MailWords, links: MailLinks, own_parts: Mapping[str, Any]
) -> MailContent:
    unconfirmed = kind in {MessageKind.CONFIRM, MessageKind.REMINDER}
    context = _context(signature, words, links, is_confirmed=not unconfirmed)
    # A reminder is the same mail again under another subject, without a code: the page that takes it is gone by then
    context |= {"code": "", **own_parts}
    context["code_minutes"] = get_setting("INBOX_TICKET_MINUTES")
    folder = f"wagtail_pledge/emails/{MessageKind.CONFIRM if unconfirmed else kind}"
    own = words.subject if kind == MessageKind.CONFIRM else ""
    subject = own or render_to_string(f"wagtail_pledge/emails/{kind}.subject.txt", context)
    return MailContent(
        subject=_one_line(subject),
        text=render_to_string(f"{folder}.txt", context),
        html=render_to_string(f"{folder}.html", context),
    )


def register_messages() -> None:
    """Tell the registry what this room can say."""
    for kind in MAILS:
        message_kinds.register(str(kind), render_mail)
