"""Wagtail hooks of this site."""

from __future__ import annotations

from wagtail import hooks

from example_project.campaign.kinds import ElectedOfficial
from wagtail_pledge.signing.kinds import SignerKind


@hooks.register("register_pledge_signer_kinds")
def signer_kinds() -> list[SignerKind]:
    """Register the signer kind for elected officials."""
    return [ElectedOfficial()]
