"""Renewing the links of a signature, for a signer or a moderator who fears that somebody else has one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import EventKind, MessageKind, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services.lifecycle import record_event


class NothingToRenew(PledgeError):
    """The signature is not confirmed, or its links were renewed a moment ago."""

    def __init__(self) -> None:
        super().__init__("nothing_to_renew", str(_("There are no links to renew. Reload the page.")))


@transaction.atomic
def renew_links(signature: Any, *, actor: Any = None) -> bool:
    """End all links to the signature that were mailed so far, and queue a mail with a new one.

    Returns true only for the one call that did; of a signature that is not confirmed nothing is renewed. Links of its
    submission, for confirming and for stopping mail, are not affected.
    """
    rows = get_signature_model()._default_manager.filter(pk=signature.pk, state=SignatureState.CONFIRMED)
    if not rows.filter(link_epoch=signature.link_epoch).update(link_epoch=F("link_epoch") + 1):
        return False
    signature.refresh_from_db(fields=["link_epoch"])
    record_event(signature, EventKind.LINKS_RENEWED, actor=actor)
    _queue_link_mail(signature)
    return True


def _queue_link_mail(signature: Any) -> None:
    """Queue the mail with the link, which only the mailbox gets."""
    insert_or_ignore(
        OutboxMessage(
            kind=MessageKind.LINKS,
            pledge_id=signature.pledge_id,
            signature_uuid=signature.uuid,
            locale=signature.locale,
        )
    )
