"""Answers to requests for a link: one mail that lists the signatures of the mailbox, or its confirm mail again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.db.models.functions import Now

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.addresses import all_budget_keys
from wagtail_pledge.signing.enums import MessageKind, OutboxReason, SignatureState
from wagtail_pledge.signing.messages import MailSubject
from wagtail_pledge.signing.models import LinkRequest, SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services.links import read_request
from wagtail_pledge.signing.services.payloads import payload_of
from wagtail_pledge.signing.services.signing import all_mailbox_keys
from wagtail_pledge.signing.services.submissions import ask_for_mail
from wagtail_pledge.signing.worker.budget import BudgetRequest
from wagtail_pledge.signing.worker.queue import leased
from wagtail_pledge.signing.worker.screening import screen_link_requests
from wagtail_pledge.signing.worker.smtp import DeliveryOutcome
from wagtail_pledge.signing.worker.sources import MailNotNeeded, MailSource, Outgoing


class LinkSource(MailSource[LinkRequest]):
    """Source of the mails with links to signatures."""

    model: ClassVar[type[LinkRequest]] = LinkRequest

    def __init__(self, jobs: Sequence[LinkRequest], now: dt.datetime) -> None:
        super().__init__(jobs, now)
        self._answered: set[tuple[int, str]] = set()

    @classmethod
    def screen(cls, jobs: Sequence[LinkRequest], now: dt.datetime) -> None:
        """Give each request a place of its network."""
        screen_link_requests(list(jobs), now)

    def outgoing(self, job: LinkRequest) -> Outgoing:
        """Return the mail with the links; without a signature, have an open submission mailed again."""
        address, _locale = read_request(job)
        if (job.pledge_id, address) in self._answered:
            # The form was sent twice, for instance because its answer was lost: one mail answers both
            raise MailNotNeeded(OutboxReason.BUDGET)
        self._answered.add((job.pledge_id, address))
        if self.is_suppressed(address):
            raise MailNotNeeded(OutboxReason.SUPPRESSED)
        keys = all_mailbox_keys(job.pledge, address)
        signatures = list(_signatures_of(job.pledge_id, keys))
        if not signatures:
            _ask_again(job.pledge_id, keys, address)
            raise MailNotNeeded(OutboxReason.NO_SIGNATURE)
        # The mailbox's other spellings are not asked: a link goes to the address that signed
        newest = signatures[0]
        subject = MailSubject(signature=newest, signatures=[one for one in signatures if one.email == newest.email])
        budget = BudgetRequest(
            job=job.pk,
            kind=MessageKind.LINKS,
            budget_keys=all_budget_keys(address),
            pledge_id=job.pledge_id,
            network_key=bytes(job.network_key) if job.network_key else None,
        )
        return Outgoing(
            kind=MessageKind.LINKS,
            address=newest.email,
            locale=newest.locale,
            render=partial(message_kinds[MessageKind.LINKS], MessageKind.LINKS, subject),
            budget=budget,
            may_be_dropped=True,
        )

    def sent(self, job: LinkRequest, mail: Outgoing) -> None:
        """Delete the request."""
        leased(job).delete()

    def skip(self, job: LinkRequest, code: str) -> None:
        """Delete the request."""
        leased(job).delete()

    def give_up(self, job: LinkRequest, outcome: DeliveryOutcome, code: str) -> None:
        """Delete the request."""
        leased(job).delete()


def _signatures_of(pledge_id: int, keys: Sequence[bytes]) -> Any:
    rows = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    kinds = list(SignerType.objects.filter(pledge_id=pledge_id).values_list("kind", flat=True))
    mine = rows.of_mailboxes([pledge_id], kinds, keys)
    return mine.exclude(state=SignatureState.ANONYMISED).annotate(db_now=Now()).order_by("-pk")


def _ask_again(pledge_id: int, keys: Sequence[bytes], address: str) -> None:
    """Have the newest open submission of exactly ``address`` mailed again."""
    for row in Submission.objects.open().of_mailbox(pledge_id, keys).order_by("-created_at")[:20]:
        try:
            payload = payload_of(row)
        except PledgeError:
            continue
        if payload is not None and payload.address == address:
            ask_for_mail(row.pk)
            return
