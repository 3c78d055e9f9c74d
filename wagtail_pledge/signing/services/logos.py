"""Logos: sent in by the signer, looked at by staff, shown only then."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import OrganizationLogo


class LogoChanged(PledgeError):
    """The logo that somebody looked at is not the one that waits (any more)."""

    def __init__(self) -> None:
        super().__init__("logo_changed", str(_("This logo was replaced or removed. Reload the page.")))


def kind_has_logos(kind: str) -> bool:
    """Whether signers of this kind may have a logo: those who sign to be seen."""
    return kind in kinds() and get_kind(kind).is_always_public()


def can_have_logo(signature: Any) -> bool:
    """Whether the signer may send a logo: an organization whose mailbox is confirmed."""
    return bool(kind_has_logos(signature.kind) and signature.state == SignatureState.CONFIRMED)


def _logos(signature: Any) -> QuerySet[OrganizationLogo]:
    return OrganizationLogo.objects.filter(pledge=signature.pledge_id, signature_uuid=signature.uuid)


def logo_of(signature: Any) -> OrganizationLogo | None:
    """Return the logo of ``signature``, whether shown, waiting or refused; one query."""
    return _logos(signature).first()


def seen(content: bytes) -> str:
    """Return what stands for a picture that somebody looked at: a decision names it."""
    return hashlib.sha256(content).hexdigest()


def submit_logo(signature: Any, content: bytes) -> None:
    """Let ``content``, drawn by :func:`draw_logo`, wait for approval in place of what waited before."""
    OrganizationLogo.objects.update_or_create(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        defaults={"content": content, "was_rejected": False, "uploaded_at": Now()},
    )


@transaction.atomic
def remove_logo(signature: Any) -> None:
    """Forget the logo of ``signature``, shown or waiting; its file goes after the commit."""
    logo = _logos(signature).select_for_update().first()
    if logo is not None:
        logo.delete()
        _delete_later(logo.file.storage, logo.file.name)


def _waiting(signature: Any, digest: str) -> OrganizationLogo:
    logo = _logos(signature).select_for_update().first()
    if logo is None or not logo.is_waiting or seen(bytes(logo.content)) != digest:
        raise LogoChanged
    return logo


@transaction.atomic
def approve_logo(signature: Any, *, digest: str) -> None:
    """Show the logo that waits. Raises :class:`LogoChanged` if it is not the one that ``digest`` names.

    The name of the file tells nothing and is never used again, so caches may keep it.
    """
    logo = _waiting(signature, digest)
    before = logo.file.name
    logo.file.save(f"{uuid4().hex}.webp", ContentFile(bytes(logo.content)), save=False)
    logo.content = b""
    logo.save(update_fields=["file", "content"])
    _delete_later(logo.file.storage, before)


@transaction.atomic
def reject_logo(signature: Any, *, digest: str) -> None:
    """Forget the logo that waits; what was approved before stays. Raises :class:`LogoChanged`."""
    logo = _waiting(signature, digest)
    logo.content, logo.was_rejected = b"", True
    logo.save(update_fields=["content", "was_rejected"])


def _delete_later(storage: Any, name: str | None) -> None:
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)
