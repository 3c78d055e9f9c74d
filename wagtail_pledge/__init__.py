"""Petitions for Wagtail: campaign pages, confirmed and encrypted signatures, and treaty status from data."""

__version__ = "0.1.0"
