"""Public API: signals, sent after commit and robustly.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.signing.signals import (
    signature_anonymised,
    signature_confirmed,
    signature_withdrawn,
)
from wagtail_pledge.treaties.signals import treaty_status_changed

__all__ = [
    "signature_anonymised",
    "signature_confirmed",
    "signature_withdrawn",
    "treaty_status_changed",
]
