"""Logos of organizations: uploaded by the signer, and shown only after staff approve them."""

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
from wagtail_pledge.signing.enums import Approval, Review, SignatureState
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import OrganizationLogo, get_signature_model


class LogoChanged(PledgeError):
    """The logo that the user reviewed is no longer the one that waits for approval."""

    def __init__(self) -> None:
        super().__init__("logo_changed", str(_("This logo was replaced or removed. Reload the page.")))


class OrganizationNotShown(PledgeError):
    """The organization was rejected or is held back by its check, so its logo can't be published."""

    def __init__(self) -> None:
        super().__init__("not_shown", str(_("The website does not show this organization. It cannot show its logo.")))


def kind_has_logos(kind: str) -> bool:
    """Whether signers of this kind may have a logo: those of registered kinds that are always public."""
    return kind in kinds() and get_kind(kind).is_always_public()


def can_have_logo(signature: Any) -> bool:
    """Whether the signer may upload a logo: the kind has logos and the signature is confirmed."""
    return bool(kind_has_logos(signature.kind) and signature.state == SignatureState.CONFIRMED)


def _logos(signature: Any) -> QuerySet[OrganizationLogo]:
    return OrganizationLogo.objects.filter(pledge=signature.pledge_id, signature_uuid=signature.uuid)


def logo_of(signature: Any) -> OrganizationLogo | None:
    """Return the logo of ``signature``, whether shown, waiting or rejected, or ``None``; one query."""
    return _logos(signature).first()


def logo_digest(content: bytes) -> str:
    """Return the SHA-256 (64 hex digits) of an image; a decision on a logo names the reviewed image by it."""
    return hashlib.sha256(content).hexdigest()


def submit_logo(signature: Any, content: bytes) -> None:
    """Store ``content`` as the logo that waits for approval; it replaces one that was waiting.

    ``content`` are the bytes that ``reencode_logo`` returned.
    """
    OrganizationLogo.objects.update_or_create(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        defaults={"content": content, "was_rejected": False, "uploaded_at": Now()},
    )


@transaction.atomic
def remove_logo(signature: Any) -> None:
    """Delete the logo of ``signature``, shown or waiting; its file is deleted after the commit."""
    logo = _logos(signature).select_for_update().first()
    if logo is not None:
        logo.delete()
        _delete_later(logo.file.storage, logo.file.name)


@transaction.atomic
def hide_logo(signature: Any) -> None:
    """Stop publishing the logo of ``signature``: it waits for approval again, its file is deleted after the commit."""
    logo = _logos(signature).select_for_update().first()
    if logo is None or not logo.is_shown:
        return
    name = logo.file.name
    logo.content = bytes(logo.content) or _stored_image(logo)
    logo.file = ""
    logo.save(update_fields=["file", "content"])
    _delete_later(logo.file.storage, name)


def _stored_image(logo: OrganizationLogo) -> bytes:
    try:
        return logo.read(approved=True)
    except OSError:  # the file is gone already
        return b""


def _require_shown(signature: Any) -> None:
    """Lock the signature. Raises :class:`OrganizationNotShown` if it was rejected, withdrawn or is held back."""
    rows = get_signature_model()._default_manager.select_for_update(of=("self",))
    row = rows.only("pk", "state", "review", "approval").get(pk=signature.pk)
    if row.state != SignatureState.CONFIRMED or row.review != Review.OK or row.approval == Approval.REJECTED:
        raise OrganizationNotShown


def _waiting(signature: Any, digest: str) -> OrganizationLogo:
    logo = _logos(signature).select_for_update().first()
    if logo is None or not logo.is_waiting or logo_digest(bytes(logo.content)) != digest:
        raise LogoChanged
    return logo


@transaction.atomic
def approve_logo(signature: Any, *, digest: str) -> None:
    """Publish the waiting logo in place of the one shown before.

    The file gets a random name that is never reused, so caches may keep it.
    Raises :class:`LogoChanged` if ``digest`` (see :func:`logo_digest`) is not that of the waiting logo, and
    :class:`OrganizationNotShown` if the organization is not shown.
    """
    _require_shown(signature)
    logo = _waiting(signature, digest)
    before = logo.file.name
    logo.file.save(f"{uuid4().hex}.webp", ContentFile(bytes(logo.content)), save=False)
    logo.content = b""
    logo.save(update_fields=["file", "content"])
    _delete_later(logo.file.storage, before)


@transaction.atomic
def reject_logo(signature: Any, *, digest: str) -> None:
    """Delete the waiting logo; one that was approved before stays. Raises :class:`LogoChanged`."""
    logo = _waiting(signature, digest)
    logo.content, logo.was_rejected = b"", True
    logo.save(update_fields=["content", "was_rejected"])


def _delete_later(storage: Any, name: str | None) -> None:
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)
