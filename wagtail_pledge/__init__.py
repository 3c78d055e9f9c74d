"""Petitions for Wagtail: pledge pages, signers that stay private, treaty status that stays true."""

__version__ = "0.1.0"
