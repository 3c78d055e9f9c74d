"""Viewsets of the menu "Campaigns", one module per model."""
