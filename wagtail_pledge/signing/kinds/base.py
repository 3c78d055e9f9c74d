"""Base class of signer kinds, and the data classes that describe their form fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.names import fold_name

Text = str | Promise


class FieldType(models.TextChoices):
    """Type of a form field; ``signing.forms`` builds a Django field for each."""

    NAME = "name"
    TEXT = "text"
    EMAIL = "email"
    URL = "url"
    COUNTRY = "country"
    POSTAL_CODE = "postal_code"
    #: Radio buttons.
    CHOICE = "choice"
    #: A drop-down list of ``choices``.
    SELECT = "select"
    LONG_TEXT = "long_text"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSwitch:
    """Lets editors leave a field out of the form, and with ``required_message`` also require it from signers of the
    campaign's country.
    """

    #: Name of the field in the editor.
    label: Text
    #: Help text for editors: what the field is good for, and what asking for it costs.
    cost: Text = ""
    #: Label of the field when it is required; empty: the field's own label.
    needed_label: Text = ""
    #: Returns the error message if the field is required but empty. Its argument is the campaign's country (ISO
    #: alpha-2).
    required_message: Callable[[str], Text] | None = None
    #: Name of another field; when that one is left out, this one is too.
    depends_on_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerField:
    """One field of a kind's form.

    ``name`` is the name of the form field and the key in ``SignerData.details``. ``required`` is the error message for
    an empty field, ``True`` for a general one, or ``False`` if the field is optional. ``max_length`` is in characters,
    ``choices`` are (stored value, label) pairs.
    """

    name: str
    type: FieldType
    label: Text
    hint: Text = ""
    required: Text | bool = False
    max_length: int = 200
    autocomplete: str = ""
    choices: Sequence[tuple[str, Text]] = ()
    initial: str = ""
    #: Error message for a text over ``max_length``, with ``%(limit_value)d`` and ``%(show_value)d``; empty: a general
    #: one.
    too_long: Text = ""
    #: Label when the form is embedded in another website; empty: ``label``.
    embedded_label: Text = ""
    #: Key in the statement's consent texts; that text replaces the label.
    consent: str = ""
    #: (name of a field with choices, value): shown only while that field has that value, in browsers that can do so
    #: without a script, and always if the field is required or has an error. Styled for ``("display", "name_place")``.
    shown_with: tuple[str, str] | None = None
    #: Text with ``{name}`` below a drop-down list of ``Display`` values: how the typed name will be shown. Needs a
    #: script.
    preview: Text = ""
    #: Lets editors leave the field out of the form; ``None``: it is always shown, as ``name`` and ``email`` are. For a
    #: field that was left out, ``SignerKind.clean`` gets ``""``, or ``initial`` if the field is in ``columns``.
    switch: FieldSwitch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerData:
    """Cleaned values of a sign form, as :func:`wagtail_pledge.services.submit` stores them.

    ``country`` is an ISO alpha-2 code or ``""``, ``display`` a ``Display`` value. ``details`` are the other fields of
    the kind by name and ``answers`` the answers to editors' questions by slug, both as JSON values.
    """

    name: str
    email: str
    country: str = ""
    display: str = Display.HIDDEN
    consent_updates: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


class SignerKind:
    """Base class of signer kinds: the form fields of one kind of signer, and how its signatures are stored and shown.

    Subclass it, set the attributes, override :meth:`public_name`, and register an instance with the hook
    ``register_pledge_signer_kinds``. ``fields`` must have ``name`` and ``email``. No migration is needed.
    """

    #: Stable slug of up to 40 characters: stored with every signature and published in ``count.json``.
    slug: ClassVar[str]
    #: Name in the admin and in listings, such as "individual".
    label: ClassVar[Text]
    #: Text of the button that leads to the form, such as "As an individual".
    invitation: ClassVar[Text]
    #: Noun after a number in public counts, such as "organizations"; see :meth:`counted`.
    plural: ClassVar[Text]
    #: Heading of the error summary above a form with errors.
    error_heading: ClassVar[Text] = _("Your name has not been added yet")
    #: Default of "approval required" for a new way to sign of this kind.
    approval_required: ClassVar[bool] = False
    fields: ClassVar[tuple[SignerField, ...]] = ()
    #: Default consent texts by purpose; editors may replace them on a page.
    consent: ClassVar[Mapping[str, Text]] = {}
    #: Callables ``(data: dict) -> None`` that raise ``ValidationError``; ``data`` are the cleaned values by field name.
    validators: ClassVar[tuple[Callable[[dict[str, Any]], None], ...]] = ()

    #: Names of fields that are stored in a column of their own; all others go into the encrypted ``details``.
    columns: ClassVar[frozenset[str]] = frozenset({"name", "email", "country", "display", "updates"})

    def counted(self, number: int) -> str:
        """Override to return the noun for ``number`` in public counts: "person" for 1, "people" for 12."""
        return str(self.plural)

    def clean(self, data: dict[str, Any]) -> None:
        """Override to validate fields together; call ``super().clean(data)`` to run ``validators``.

        ``data`` are the cleaned values by field name; it may be changed. Raise ``ValidationError``, with a dict to
        attach the error to a field. It is called only if no field has an error.
        """
        for validator in self.validators:
            validator(data)

    def signer_data(self, data: Mapping[str, Any]) -> SignerData:
        """Override to map the cleaned form values to :class:`SignerData` in another way."""
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
        """Override to let one mailbox sign a pledge several times; return a text that tells these signatures apart.

        Its hash is the signature's *seat*. A mailbox has one signature per seat; ``""`` means one signature per
        mailbox. The default allows one per name if the pledge has ``shared_mailboxes``.
        """
        return fold_name(data.name) if shared_mailboxes else ""

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Override to return the text that the website shows for a counted signature; ``""`` shows nothing.

        It is called only if the signer agreed to be shown, with the signature's language active. The text has at most
        260 characters.
        """
        raise NotImplementedError

    def heading(self, *, name: str, details: Mapping[str, Any]) -> str:
        """Override to return who signed, for mails and for the signer's own pages."""
        return name

    def signer_details(self, *, name: str, details: Mapping[str, Any]) -> list[tuple[Text, str]]:
        """Override to change what the signer's own pages say about the signer.

        Returns (label, value) pairs; by default the required name and text fields with their labels.
        """
        values = {**details, "name": name}
        required = [field for field in self.fields if field.type in (FieldType.NAME, FieldType.TEXT) and field.required]
        pairs: list[tuple[Text, str]] = [
            (field.label, str(values[field.name])) for field in required if field.name in values
        ]
        return pairs or [(_("Name"), name)]

    def is_always_public(self) -> bool:
        """Override to return true if every counted signature is shown publicly, as for organizations.

        Such kinds also have logos and an ``Organization`` record if ``details`` has ``organization``.
        """
        return False
