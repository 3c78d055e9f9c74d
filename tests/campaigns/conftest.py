"""A published campaign: pledge page, both signer-type pages."""

from tests.campaign_fixtures import campaign, individual, organization, person

__all__ = ["campaign", "individual", "organization", "person"]
