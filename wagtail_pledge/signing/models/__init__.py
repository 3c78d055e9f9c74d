"""Models of pledges, statements, signatures, the outbox and stored counts (the ledger)."""

from wagtail_pledge.signing.models.event import SignatureEvent
from wagtail_pledge.signing.models.keys import TokenKeyUse
from wagtail_pledge.signing.models.limits import (
    CodeAttempts,
    LimitBucket,
    MailQueueState,
    NetworkDayKey,
    NetworkPlace,
    NetworkRaise,
    SpentChallenge,
    Suppression,
    Switch,
)
from wagtail_pledge.signing.models.organization import Organization, OrganizationLogo
from wagtail_pledge.signing.models.outbox import MailSent, OutboxMessage
from wagtail_pledge.signing.models.partners import EmbedOrigin, EventLinkUse, PartnerLink
from wagtail_pledge.signing.models.pledge import Pledge, SignerType
from wagtail_pledge.signing.models.signature import (
    AbstractSignature,
    Signature,
    SubmissionData,
    get_signature_model,
)
from wagtail_pledge.signing.models.statement import Statement
from wagtail_pledge.signing.models.submission import LinkRequest, Submission, SubmissionOutcome
from wagtail_pledge.signing.models.tally import DirtyDay, Tally, WorkLease

__all__ = [
    "AbstractSignature",
    "CodeAttempts",
    "DirtyDay",
    "EmbedOrigin",
    "EventLinkUse",
    "LimitBucket",
    "LinkRequest",
    "MailQueueState",
    "MailSent",
    "NetworkDayKey",
    "NetworkPlace",
    "NetworkRaise",
    "Organization",
    "OrganizationLogo",
    "OutboxMessage",
    "PartnerLink",
    "Pledge",
    "Signature",
    "SignatureEvent",
    "SignerType",
    "SpentChallenge",
    "Statement",
    "Submission",
    "SubmissionData",
    "SubmissionOutcome",
    "Suppression",
    "Switch",
    "Tally",
    "TokenKeyUse",
    "WorkLease",
    "get_signature_model",
]
