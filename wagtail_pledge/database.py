"""Public API: database settings. Importable in a settings module.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.core.postgresql import with_timeouts

__all__ = ["with_timeouts"]
