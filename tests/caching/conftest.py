"""A published campaign for the page cache."""

from tests.campaign_fixtures import campaign, individual, organization, person

__all__ = ["campaign", "individual", "organization", "person"]
