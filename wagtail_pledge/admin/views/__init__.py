"""Views of the viewsets."""
