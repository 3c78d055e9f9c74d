"""Facade: what Django and integrators import. Nothing inside the package imports it."""

from wagtail_pledge.campaigns.index_pages import AbstractPledgeIndexPage, PledgeIndexPageMixin
from wagtail_pledge.campaigns.pledge_pages import AbstractPledgePage, PledgePageMixin
from wagtail_pledge.campaigns.signer_type_pages import AbstractSignerTypePage, SignerTypePageMixin
from wagtail_pledge.campaigns.treaty_pages import AbstractTreatyStatusPage, TreatyStatusPageMixin
from wagtail_pledge.signing.models import (
    AbstractSignature,
    DirtyDay,
    LaneState,
    LimitBucket,
    MailSent,
    NetworkDayKey,
    Organization,
    OutboxMessage,
    Pledge,
    Signature,
    SignatureEvent,
    SignerType,
    SpentChallenge,
    Statement,
    Suppression,
    Switch,
    Tally,
    WorkLease,
    get_signature_model,
)
from wagtail_pledge.treaties.models import State, StateAlias, Treaty, TreatyAction, TreatyImport, TreatyName

__all__ = [
    "AbstractPledgeIndexPage",
    "AbstractPledgePage",
    "AbstractSignature",
    "AbstractSignerTypePage",
    "AbstractTreatyStatusPage",
    "DirtyDay",
    "LaneState",
    "LimitBucket",
    "MailSent",
    "NetworkDayKey",
    "Organization",
    "OutboxMessage",
    "Pledge",
    "PledgeIndexPageMixin",
    "PledgePageMixin",
    "Signature",
    "SignatureEvent",
    "SignerType",
    "SignerTypePageMixin",
    "SpentChallenge",
    "State",
    "StateAlias",
    "Statement",
    "Suppression",
    "Switch",
    "Tally",
    "Treaty",
    "TreatyAction",
    "TreatyImport",
    "TreatyName",
    "TreatyStatusPageMixin",
    "WorkLease",
    "get_signature_model",
]
