"""Views that the viewsets put behind their URLs."""
