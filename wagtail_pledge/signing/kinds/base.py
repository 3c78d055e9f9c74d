"""What sort of signer: fields as data, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.names import fold_name

Text = str | Promise


class FieldType(models.TextChoices):
    """What a form field asks for; the form room knows a Django field for each."""

    NAME = "name"
    TEXT = "text"
    EMAIL = "email"
    URL = "url"
    COUNTRY = "country"
    POSTAL_CODE = "postal_code"
    CHOICE = "choice"
    LONG_TEXT = "long_text"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSwitch:
    """What an editor may decide about a field: whether a form shows it, and, with ``required_message``, whether signers
    from the campaign's country have to fill it in.
    """

    #: What editors call the field.
    label: Text
    #: What asking it costs and what it is good for, in the words of the editor who decides.
    cost: Text = ""
    #: Label of the field while it is needed; empty: its own.
    needed_label: Text = ""
    #: Returns the words for a signer from the campaign's country (ISO alpha-2, the argument) who left it empty.
    required_message: Callable[[str], Text] | None = None
    #: Name of a field without which this one means nothing: it is left out with that one.
    depends_on_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerField:
    """One question of the form. ``name`` is the key of the POST and of the stored detail."""

    name: str
    type: FieldType
    label: Text
    hint: Text = ""
    required: Text | bool = False
    max_length: int = 200
    autocomplete: str = ""
    choices: Sequence[tuple[str, Text]] = ()
    initial: str = ""
    #: The message for a text beyond ``max_length``, with ``%(limit_value)d`` and ``%(show_value)d``; empty: the usual.
    too_long: Text = ""
    #: The label where the form stands on another website, if it needs another.
    embedded_label: Text = ""
    #: The consent purpose whose frozen wording replaces the label.
    consent: str = ""
    #: Lets editors leave the field out of a form; ``None``: it is always asked. ``name`` and ``email`` always are. Of
    #: a field that was left out, ``SignerKind.clean`` gets ``""``, of one that has a column its ``initial``.
    switch: FieldSwitch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerData:
    """A signer's cleaned words, in the shape that the ledger stores."""

    name: str
    email: str
    country: str = ""
    display: str = Display.HIDDEN
    consent_updates: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


class SignerKind:
    """Base of signer kinds. Subclass it, set the attributes and register an instance with the hook
    ``register_pledge_signer_kinds``; no migration is needed.
    """

    #: Stable slug: stored with every signature and shown in ``count.json``.
    slug: ClassVar[str]
    #: "individual": what editors and listings call it.
    label: ClassVar[Text]
    #: "As an individual": the invitation on buttons.
    invitation: ClassVar[Text]
    #: Word after a number in public counts ("12 organizations").
    plural: ClassVar[Text]
    #: Heading over what is wrong in a form: whose name is not added.
    error_heading: ClassVar[Text] = _("Your name has not been added yet")
    approval_required: ClassVar[bool] = False
    fields: ClassVar[tuple[SignerField, ...]] = ()
    #: Default wording by consent purpose; pages may replace it.
    consent: ClassVar[Mapping[str, Text]] = {}
    #: Callables ``(data: dict) -> None`` that raise ``ValidationError``.
    validators: ClassVar[tuple[Callable[[dict[str, Any]], None], ...]] = ()

    #: Names of fields that have a column of their own; the rest goes into the sealed details.
    columns: ClassVar[frozenset[str]] = frozenset({"name", "email", "country", "display", "updates"})

    def counted(self, number: int) -> str:
        """Override to inflect the word after a number in public counts: "1 person", "12 people"."""
        return str(self.plural)

    def clean(self, data: dict[str, Any]) -> None:
        """Override to check fields against each other; raise ``ValidationError`` (a dict puts it beside a field)."""
        for validator in self.validators:
            validator(data)

    def signer_data(self, data: Mapping[str, Any]) -> SignerData:
        """Override to map cleaned fields otherwise. Returns what :func:`services.sign` stores."""
        details = {key: value for key, value in data.items() if key not in self.columns and value not in ("", None)}
        return SignerData(
            name=data["name"],
            email=data["email"],
            country=data.get("country", ""),
            display=data.get("display") or Display.HIDDEN,
            consent_updates=bool(data.get("updates")),
            details=details,
        )

    def seat_text(self, data: SignerData, *, shared_mailboxes: bool) -> str:
        """Override to let one mailbox sign several times: equal texts share one signature, ``""`` means one a
        mailbox.
        """
        return fold_name(data.name) if shared_mailboxes else ""

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Override to say what the website shows of a counted signer; ``""`` shows nothing."""
        raise NotImplementedError

    def heading(self, *, name: str, details: Mapping[str, Any]) -> str:
        """Override to say who signed, in mails and on the signer's own pages."""
        return name

    def signer_details(self, *, name: str, details: Mapping[str, Any]) -> list[tuple[Text, str]]:
        """Override to tell otherwise on the signer's own pages who signed. Returns (label, value) pairs: the words that
        the form requires, under its own labels.
        """
        given = {**details, "name": name}
        worded = [field for field in self.fields if field.type in (FieldType.NAME, FieldType.TEXT) and field.required]
        told: list[tuple[Text, str]] = [
            (field.label, str(given[field.name])) for field in worded if field.name in given
        ]
        return told or [(_("Name"), name)]

    def is_always_public(self) -> bool:
        """Override to return true where being shown is part of signing (organizations)."""
        return False


def web_host(url: str) -> str:
    """Return the host of a website without ``www.``, lower case; ``""`` if there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.lower().removeprefix("www.")


def web_address(url: str) -> str:
    """Return ``url`` if it leads to a website, else ``""``: what is typed may be ``javascript:`` or worse."""
    return url if web_host(url) and urlsplit(url).scheme in {"http", "https"} else ""
