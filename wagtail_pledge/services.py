"""Public API: what a site calls to sign, confirm, count, moderate and read treaty status; one function per use case.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.campaigns.context.layout import set_page_headers
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.addresses import AddressRefused
from wagtail_pledge.signing.services.approval import NotWaiting, approve, reject
from wagtail_pledge.signing.services.bulk_review import (
    EmptyRule,
    InvalidationBatch,
    NothingToRestore,
    ReviewRule,
    RulePreview,
    SecondPersonNeeded,
    invalidate,
    preview,
    release,
    restore,
)
from wagtail_pledge.signing.services.confirming import Confirmation, confirm
from wagtail_pledge.signing.services.counts import PledgeCounts, Progress, counts_for, progress_of
from wagtail_pledge.signing.services.lifecycle import (
    CONFIRM,
    MANAGE,
    signature_from_token,
    submission_from_token,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.payloads import PayloadTooLong
from wagtail_pledge.signing.services.pledges import (
    InvalidTransition,
    change_state,
    create_pledge,
    create_signer_type,
    next_states,
)
from wagtail_pledge.signing.services.public_names import (
    PublicOrganization,
    public_organizations,
    public_signers,
    recent_names,
)
from wagtail_pledge.signing.services.signing import is_open, public_state
from wagtail_pledge.signing.services.site_columns import SiteColumnsRefused
from wagtail_pledge.signing.services.statements import current_statement, freeze_statement
from wagtail_pledge.signing.services.submissions import Receipt, submit
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.signing.services.switches import MAIL, SIGNING, SURGE, is_on, set_switch
from wagtail_pledge.treaties.errors import AsOfError, TreatyError, UnknownTreaty
from wagtail_pledge.treaties.importing.apply import apply_import, get_treaty
from wagtail_pledge.treaties.importing.report import Change, ImportReport
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord, TreatySource
from wagtail_pledge.treaties.status import StateStatus, TreatyStatus, status_as_of

__all__ = [
    "CONFIRM",
    "MAIL",
    "MANAGE",
    "SIGNING",
    "SURGE",
    "AddressRefused",
    "AsOfError",
    "Change",
    "Confirmation",
    "EmptyRule",
    "ErrorLine",
    "ImportReport",
    "InvalidTransition",
    "InvalidationBatch",
    "NotWaiting",
    "NothingToRestore",
    "ParsedStatus",
    "PayloadTooLong",
    "PledgeCounts",
    "PledgeError",
    "Progress",
    "PublicOrganization",
    "Receipt",
    "ReviewRule",
    "RulePreview",
    "SecondPersonNeeded",
    "SiteColumnsRefused",
    "StateStatus",
    "StatusRecord",
    "TreatyError",
    "TreatySource",
    "TreatyStatus",
    "UnknownTreaty",
    "apply_import",
    "approve",
    "change_state",
    "confirm",
    "counts_for",
    "create_pledge",
    "create_signer_type",
    "current_statement",
    "freeze_statement",
    "get_treaty",
    "invalidate",
    "is_on",
    "is_open",
    "next_states",
    "preview",
    "progress_of",
    "public_organizations",
    "public_signers",
    "public_state",
    "recent_names",
    "reject",
    "release",
    "restore",
    "set_page_headers",
    "set_switch",
    "signature_from_token",
    "status_as_of",
    "submission_from_token",
    "submit",
    "suppress",
    "token_for",
    "withdraw",
]
