"""Fixtures of a published campaign with both signer-type pages."""

from tests.campaign_fixtures import campaign, individual, organization, person

__all__ = ["campaign", "individual", "organization", "person"]
