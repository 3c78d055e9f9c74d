"""Models and abstract models, imported here for Django and for integrators.

Modules of the package import them from where they are defined instead.
"""

from wagtail_pledge.campaigns.page_types.index import AbstractPledgeIndexPage, PledgeIndexPageMixin
from wagtail_pledge.campaigns.page_types.pledge import AbstractPledgePage, PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import AbstractSignerTypePage, SignerTypePageMixin
from wagtail_pledge.campaigns.page_types.treaty_status import AbstractTreatyStatusPage, TreatyStatusPageMixin
from wagtail_pledge.campaigns.page_types.update import AbstractUpdatePage, UpdatePageMixin
from wagtail_pledge.campaigns.theme import SiteColours
from wagtail_pledge.signing.models import (
    AbstractSignature,
    DirtyDay,
    EmbedOrigin,
    LimitBucket,
    MailQueueState,
    MailSent,
    NetworkDayKey,
    Organization,
    OrganizationLogo,
    OutboxMessage,
    PartnerLink,
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
    "AbstractUpdatePage",
    "DirtyDay",
    "EmbedOrigin",
    "LimitBucket",
    "MailQueueState",
    "MailSent",
    "NetworkDayKey",
    "Organization",
    "OrganizationLogo",
    "OutboxMessage",
    "PartnerLink",
    "Pledge",
    "PledgeIndexPageMixin",
    "PledgePageMixin",
    "Signature",
    "SignatureEvent",
    "SignerType",
    "SignerTypePageMixin",
    "SiteColours",
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
    "UpdatePageMixin",
    "WorkLease",
    "get_signature_model",
]
