"""The ledger's use cases: one function each, no request, failures as typed errors."""

from wagtail_pledge.signing.services.approval import NotWaiting, approve, refuse
from wagtail_pledge.signing.services.counts import PledgeCounts, Progress, counts_for, progress_for_signer, progress_of
from wagtail_pledge.signing.services.inbox import confirm_token, correct_address
from wagtail_pledge.signing.services.lifecycle import (
    CONFIRM,
    MANAGE,
    can_confirm,
    confirm,
    public_name_of,
    signature_of,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.logos import (
    LogoChanged,
    approve_logo,
    can_have_logo,
    has_logos,
    keep_logo,
    logo_of,
    refuse_logo,
    remove_logo,
    seen,
)
from wagtail_pledge.signing.services.pledges import CHANGE_STATE, StateRefused, change_state, next_states
from wagtail_pledge.signing.services.public_names import PublicOrganization, public_organizations, recent_names
from wagtail_pledge.signing.services.signing import (
    SignReceipt,
    accepts_confirmations,
    is_open,
    seconds_to_change,
    send_again,
    shown_state,
    sign,
)
from wagtail_pledge.signing.services.sources import came_through, own_word
from wagtail_pledge.signing.services.statements import (
    current_statement,
    current_statements,
    find_statement,
    freeze_statement,
    shown_statement,
)

__all__ = [
    "CHANGE_STATE",
    "CONFIRM",
    "MANAGE",
    "LogoChanged",
    "NotWaiting",
    "PledgeCounts",
    "Progress",
    "PublicOrganization",
    "SignReceipt",
    "StateRefused",
    "accepts_confirmations",
    "approve",
    "approve_logo",
    "came_through",
    "can_confirm",
    "can_have_logo",
    "change_state",
    "confirm",
    "confirm_token",
    "correct_address",
    "counts_for",
    "current_statement",
    "current_statements",
    "find_statement",
    "freeze_statement",
    "has_logos",
    "is_open",
    "keep_logo",
    "logo_of",
    "next_states",
    "own_word",
    "progress_for_signer",
    "progress_of",
    "public_name_of",
    "public_organizations",
    "recent_names",
    "refuse",
    "refuse_logo",
    "remove_logo",
    "seconds_to_change",
    "seen",
    "send_again",
    "shown_state",
    "shown_statement",
    "sign",
    "signature_of",
    "token_for",
    "withdraw",
]
