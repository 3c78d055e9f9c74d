"""Public API: the models, fields, enumerations and page bases for Django and for sites.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.campaigns.page_types.index import AbstractPledgeIndexPage, PledgeIndexPageMixin
from wagtail_pledge.campaigns.page_types.pledge import AbstractPledgePage, PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import AbstractSignerTypePage, SignerTypePageMixin
from wagtail_pledge.campaigns.page_types.treaty_status import AbstractTreatyStatusPage, TreatyStatusPageMixin
from wagtail_pledge.campaigns.page_types.update import AbstractUpdatePage, UpdatePageMixin
from wagtail_pledge.campaigns.theme import SiteColours
from wagtail_pledge.core.fields import EncryptedJSONField, EncryptedTextField
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.delivery.models import (
    DecisionStage,
    EvidenceTranslation,
    PledgeRecipient,
    Recipient,
    RecipientTranslation,
    StageEvidence,
    StageTranslation,
)
from wagtail_pledge.signing.enums import Approval, Display, EventKind, PledgeState, Review, SignatureState
from wagtail_pledge.signing.models import (
    AbstractSignature,
    EmbedOrigin,
    Organization,
    OrganizationLogo,
    PartnerLink,
    Pledge,
    Signature,
    SignatureEvent,
    SignerType,
    Statement,
    Submission,
    SubmissionData,
    Tally,
    get_signature_model,
)
from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.models import (
    State,
    StateAlias,
    Treaty,
    TreatyAction,
    TreatyDeclaration,
    TreatyImport,
    TreatyName,
)

__all__ = [
    "AbstractPledgeIndexPage",
    "AbstractPledgePage",
    "AbstractSignature",
    "AbstractSignerTypePage",
    "AbstractTreatyStatusPage",
    "AbstractUpdatePage",
    "Act",
    "Approval",
    "DecisionStage",
    "Display",
    "EmbedOrigin",
    "EncryptedJSONField",
    "EncryptedTextField",
    "EventKind",
    "EvidenceTranslation",
    "Organization",
    "OrganizationLogo",
    "ParticipantStatus",
    "PartnerLink",
    "Pledge",
    "PledgeIndexPageMixin",
    "PledgePageMixin",
    "PledgeRecipient",
    "PledgeState",
    "PledgeStreamField",
    "Position",
    "Recipient",
    "RecipientTranslation",
    "Review",
    "Signature",
    "SignatureEvent",
    "SignatureState",
    "SignerType",
    "SignerTypePageMixin",
    "SiteColours",
    "StageEvidence",
    "StageState",
    "StageTranslation",
    "State",
    "StateAlias",
    "Statement",
    "Submission",
    "SubmissionData",
    "Tally",
    "Treaty",
    "TreatyAction",
    "TreatyDeclaration",
    "TreatyImport",
    "TreatyName",
    "TreatyStatusPageMixin",
    "UpdatePageMixin",
    "get_signature_model",
]
