"""Which keys stored rows need: counted by the version that every sealed value and every keyed hash starts with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, Substr
from django.utils.translation import override

from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now, insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.fields import EncryptedTextField
from wagtail_pledge.signing.addresses import AddressRefused, mailbox_key
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.kinds import RetiredKind, SignerData, get_kind
from wagtail_pledge.signing.models import LinkRequest, Submission, Suppression, TokenKeyUse, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.links import reseal_request
from wagtail_pledge.signing.services.signing import seat_key, seat_purpose
from wagtail_pledge.signing.services.submission_keys import rehash_submission, reseal_submission

#: Prefix of the annotation with the key version of a column.
VERSION: Final = "_version_of_"
Versions = Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model whose rows need keys: its encrypted columns are found by themselves, its keyed hashes are listed.

    ``sealed`` maps a further column with sealed bytes to the function that seals its value in a row again. ``hashes``
    maps a column to the purpose of its key. ``overlapping`` names two of these columns, made with the oldest
    and the newest listed version: only one of them must match for a duplicate to conflict. ``rehash`` returns the
    hashes of a row under the listed keys, by column; without it the rows can't be re-hashed. ``related`` is what it
    reads.
    """

    get_model: Callable[[], Any]
    sealed: Mapping[str, Callable[[Any], bytes]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    overlapping: tuple[str, str] | None = None
    rehash: Callable[[Any], Mapping[str, bytes]] | None = None
    related: tuple[str, ...] = ()
    #: Filter for the rows that still matter.
    current: Callable[[], Q] = Q

    @property
    def encrypted(self) -> list[str]:
        """The names of the encrypted columns."""
        return [each.name for each in self.get_model()._meta.concrete_fields if isinstance(each, EncryptedTextField)]

    @property
    def columns(self) -> list[str]:
        """The names of all columns with sealed values."""
        return [*self.encrypted, *self.sealed]

    def sealed_again(self, row: Any, name: str) -> bytes:
        """Return the value of a column with sealed values, sealed with the newest key."""
        if name in self.sealed:
            return self.sealed[name](row)
        sealed: bytes = row._meta.get_field(name).sealed_for(row, getattr(row, name))
        return sealed

    def with_versions(self, rows: Any) -> Any:
        """Annotate ``rows`` with the key version of each column, as bytes."""
        places = {**dict.fromkeys(self.columns, 2), **dict.fromkeys(self.hashes, 1)}
        heads = {VERSION + name: _byte(name, place) for name, place in places.items()}
        return rows.annotate(**heads)

    def count_by_versions(self, database: str) -> Iterator[tuple[Versions, int]]:
        """Yield ({column: version of its key, ``None`` without a value}, number of rows); reads the table once."""
        names = [*self.columns, *self.hashes]
        rows = self.with_versions(self.get_model()._base_manager.using(database).filter(self.current()).order_by())
        for *heads, count in rows.values_list(*(VERSION + name for name in names)).annotate(Count("pk")):
            yield {name: _number(head) for name, head in zip(names, heads, strict=True)}, count

    def unlisted(self, versions: Versions) -> set[tuple[str, int | None]]:
        """Return the (purpose, version) that rows with these ``versions`` need and the settings do not list.

        The version is ``None`` if all are listed, but the row has to be re-hashed.
        """
        needed = {("encryption", versions[name]) for name in self.columns}
        needed |= {(purpose, versions[name]) for name, purpose in self._single_hashes().items()}
        missing = {(purpose, version) for purpose, version in needed if version not in (None, *_listed(purpose))}
        return missing | self._unprotected(versions)

    def _single_hashes(self) -> dict[str, str]:
        return {name: purpose for name, purpose in self.hashes.items() if name not in (self.overlapping or ())}

    def _unprotected(self, versions: Versions) -> set[tuple[str, int | None]]:
        if self.overlapping is None or versions[self.overlapping[0]] is None:
            return set()
        purpose = self.hashes[self.overlapping[0]]
        listed = _listed(purpose)
        oldest, newest = (versions[name] for name in self.overlapping)
        if oldest == min(listed) or newest == max(listed):
            return set()
        return {(purpose, next((v for v in (oldest, newest) if v not in (None, *listed)), None))}


def _byte(name: str, place: int) -> Any:
    return Substr(name, Value(place), Value(1), output_field=models.BinaryField())


def _number(head: Any) -> int | None:
    return bytes(head)[0] if head else None


def _listed(purpose: str) -> Mapping[int, bytes]:
    return crypto.keyring(seat_purpose() if purpose == crypto.SEAT else purpose)


def mailbox_hash(row: Any, version: int) -> bytes:
    """Return the mailbox key of a stored row under one version, also for an address that forms refuse today."""
    try:
        return mailbox_key(row.pledge.uuid.bytes, row.email, version=version)
    except AddressRefused:
        address = row.email.encode("utf-8", "surrogatepass")
        return crypto.versioned_hash("dedup", b"mailbox", row.pledge.uuid.bytes, address, version=version)


def rehash_signature(row: Any) -> Mapping[str, bytes]:
    """Return the hashes of a signature under the listed keys; none for an anonymised one."""
    if row.mailbox_key is None:
        return {}
    versions = crypto.keyring("dedup")
    hashes = {
        "mailbox_key": mailbox_hash(row, min(versions)),
        "mailbox_key_next": mailbox_hash(row, max(versions)),
    }
    if row.name_key is not None:
        hashes["name_key"] = name_key(row.pledge.uuid.bytes, row.name)
    kind = get_kind(row.kind)
    if row.seat and not isinstance(kind, RetiredKind):
        data = SignerData(name=row.name, email=row.email, details=row.details, answers=row.answers)
        hashes["seat"] = seat_key(row.pledge, kind.seat_text(data, shared_mailboxes=True))
    return hashes


#: In the order of re-keying: a model whose rows become rows of another comes before it.
STORED_MODELS: Final[list[StoredModel]] = [
    StoredModel(get_model=lambda: LinkRequest, sealed={"payload": reseal_request}),
    # Without its payload a submission can be neither confirmed nor re-hashed
    StoredModel(
        get_model=lambda: Submission,
        sealed={"payload": reseal_submission},
        hashes={"mailbox_key": "dedup", "seat": crypto.SEAT},
        rehash=rehash_submission,
        related=("pledge",),
        current=lambda: ~Q(payload=b""),
    ),
    StoredModel(
        get_model=get_signature_model,
        hashes={"mailbox_key": "dedup", "mailbox_key_next": "dedup", "seat": crypto.SEAT},
        overlapping=("mailbox_key", "mailbox_key_next"),
        rehash=rehash_signature,
        related=("pledge",),
    ),
    # The address is not stored: the rows need their key until they expire
    StoredModel(
        get_model=lambda: Suppression, hashes={"budget_key": "dedup"}, current=lambda: Q(until__gt=database_now())
    ),
]


def stored_models() -> list[StoredModel]:
    """Return :data:`STORED_MODELS` and every other installed model with encrypted columns, those of the site too."""
    listed = [stored.get_model() for stored in STORED_MODELS]
    installed: Any = apps
    others = [model for model in installed.get_models() if model not in listed and _is_stored(model)]
    return STORED_MODELS + [StoredModel(get_model=lambda model=model: model) for model in others]  # type: ignore[misc]


def _is_stored(model: Any) -> bool:
    has_encrypted = any(isinstance(each, EncryptedTextField) for each in model._meta.concrete_fields)
    return has_encrypted and not model._meta.swapped and not model._meta.proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingKey:
    """Rows of one model that need a key which the settings do not list.

    ``version`` is ``None`` if all keys are listed, but in a way that does not recognise duplicates: re-keying helps.
    """

    purpose: str
    version: int | None
    model: Any
    rows: int

    def __str__(self) -> str:
        one, many = self.model._meta.verbose_name, self.model._meta.verbose_name_plural
        with override(None):
            counted = f"{self.rows} {one if self.rows == 1 else many}"
        if self.version is None:
            return f"{counted} still {'has' if self.rows == 1 else 'have'} keys of an earlier key change"
        verb = "needs" if self.rows == 1 else "need"
        return f"{counted} {verb} the {self.purpose} key of version {self.version}"


def missing_keys(database: str = "default") -> list[MissingKey]:
    """Return which unlisted keys stored rows need, with the number of rows; one query per model."""
    found: list[MissingKey] = []
    for stored in stored_models():
        rows: Counter[tuple[str, int | None]] = Counter()
        for versions, count in stored.count_by_versions(database):
            for needed in stored.unlisted(versions):
                rows[needed] += count
        found += [
            MissingKey(purpose=purpose, version=version, model=stored.get_model(), rows=count)
            for (purpose, version), count in sorted(rows.items(), key=str)
        ]
    return found


def wrong_key_error(database: str = "default") -> str:
    """Return what is wrong if a listed key is not the one that made stored values of its version, else ``""``.

    Tries the first and the last row of each model, for instance after ``SECRET_KEY`` changed under derived keys.
    Raises ``KeyMissing``.
    """
    for stored in stored_models():
        rows = stored.get_model()._base_manager.using(database).select_related(*stored.related or [None])
        for order in ("pk", "-pk") if stored.columns else ():
            try:
                row = rows.filter(stored.current()).order_by(order).first()
                for name in stored.sealed if row is not None else ():
                    stored.sealed_again(row, name)
                if row is not None and stored.rehash is rehash_signature and not _made_by_listed_key(row):
                    return "the dedup key is not the one that made the stored mailbox keys of its version"
            except PledgeError as error:
                if error.code != "decryption_failed":
                    raise
                return "the encryption key is not the one that made the stored values of its version"
    return ""


def _made_by_listed_key(row: Any) -> bool:
    stored = bytes(row.mailbox_key or b"")
    return not stored or stored[0] not in crypto.keyring("dedup") or stored == mailbox_hash(row, stored[0])


def stored_encryption_versions(database: str = "default") -> set[int]:
    """Return the versions of the encryption keys in use; reads each model with encrypted columns once."""
    return {
        version
        for stored in stored_models()
        for versions, _count in stored.count_by_versions(database)
        for name in stored.columns
        if (version := versions[name]) is not None
    }


def record_token_key() -> None:
    """Remember that the newest token key makes links from now on. The worker calls it when it starts."""
    insert_or_ignore(TokenKeyUse(version=crypto.current_version("token")))


def links_by_token_key(database: str = "default") -> dict[int, int]:
    """Return {version of the token key: number of signers whose links in mail were made with it}.

    These are signatures, and open submissions that were mailed. Counts by the time of the mail: that of confirming or
    signing, or that of the submission's first mail. Versions that no worker used are left out.
    """
    uses = list(TokenKeyUse.objects.using(database).order_by("first_used_at", "version"))
    signatures = get_signature_model()._base_manager.using(database)
    alive = signatures.filter(mailbox_key__isnull=False).exclude(state=SignatureState.WITHDRAWN)
    forms = Submission.objects.using(database).open().filter(mailed_at__isnull=False)
    mailed = (
        alive.annotate(_mailed_at=Coalesce("confirmed_at", "created_at")),
        forms.exclude(payload=b"").annotate(_mailed_at=F("mailed_at")),
    )
    counts = {}
    for number, use in enumerate(uses):
        later = uses[number + 1].first_used_at if number + 1 < len(uses) else None
        # What was mailed before the first worker that remembers has the oldest key
        since = Q(_mailed_at__gte=use.first_used_at) if number else Q()
        until = Q(_mailed_at__lt=later) if later else Q()
        counts[use.version] = sum(rows.filter(since & until).count() for rows in mailed)
    return counts
