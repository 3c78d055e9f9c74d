"""Use cases of the ledger: signing, confirming, withdrawing, approval, counts and public names.

Each is a function that takes values (no request) and raises a subclass of ``PledgeError`` when it fails.
"""

from wagtail_pledge.signing.services.approval import NotWaiting, approve, reject
from wagtail_pledge.signing.services.codes import submission_for_code
from wagtail_pledge.signing.services.confirming import Confirmation, confirm, is_live
from wagtail_pledge.signing.services.correction import correct_address
from wagtail_pledge.signing.services.counts import PledgeCounts, Progress, counts_for, progress_for_signer, progress_of
from wagtail_pledge.signing.services.lifecycle import (
    CONFIRM,
    MANAGE,
    is_current_link,
    public_name_of,
    signature_and_epoch,
    signature_from_token,
    submission_from_token,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.link_renewal import renew_links
from wagtail_pledge.signing.services.logos import (
    LogoChanged,
    approve_logo,
    can_have_logo,
    kind_has_logos,
    logo_digest,
    logo_of,
    reject_logo,
    remove_logo,
    submit_logo,
)
from wagtail_pledge.signing.services.pledges import CHANGE_STATE, InvalidTransition, change_state, next_states
from wagtail_pledge.signing.services.public_names import (
    PublicOrganization,
    public_organizations,
    public_signers,
    recent_names,
)
from wagtail_pledge.signing.services.signing import (
    accepts_confirmations,
    is_open,
    public_state,
    seconds_until_change,
)
from wagtail_pledge.signing.services.sources import referral_code, referral_count
from wagtail_pledge.signing.services.statements import (
    current_statement,
    current_statements,
    find_statement,
    freeze_statement,
    shown_statement,
)
from wagtail_pledge.signing.services.submissions import Receipt, resend_mail, submit

__all__ = [
    "CHANGE_STATE",
    "CONFIRM",
    "MANAGE",
    "Confirmation",
    "InvalidTransition",
    "LogoChanged",
    "NotWaiting",
    "PledgeCounts",
    "Progress",
    "PublicOrganization",
    "Receipt",
    "accepts_confirmations",
    "approve",
    "approve_logo",
    "can_have_logo",
    "change_state",
    "confirm",
    "correct_address",
    "counts_for",
    "current_statement",
    "current_statements",
    "find_statement",
    "freeze_statement",
    "is_current_link",
    "is_live",
    "is_open",
    "kind_has_logos",
    "logo_digest",
    "logo_of",
    "next_states",
    "progress_for_signer",
    "progress_of",
    "public_name_of",
    "public_organizations",
    "public_signers",
    "public_state",
    "recent_names",
    "referral_code",
    "referral_count",
    "reject",
    "reject_logo",
    "remove_logo",
    "renew_links",
    "resend_mail",
    "seconds_until_change",
    "shown_statement",
    "signature_and_epoch",
    "signature_from_token",
    "submission_for_code",
    "submission_from_token",
    "submit",
    "submit_logo",
    "token_for",
    "withdraw",
]
