"""A site that translates its pages with wagtail-localize."""
