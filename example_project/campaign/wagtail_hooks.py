"""What this site adds to the package."""

from __future__ import annotations

from wagtail import hooks

from example_project.campaign.kinds import ElectedOfficial
from wagtail_pledge.signing.kinds import SignerKind


@hooks.register("register_pledge_signer_kinds")
def signer_kinds() -> list[SignerKind]:
    """Let elected officials sign as such."""
    return [ElectedOfficial()]
