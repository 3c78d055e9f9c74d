"""A published campaign for the page cache."""

from tests.published import campaign, individual, organization, person

__all__ = ["campaign", "individual", "organization", "person"]
