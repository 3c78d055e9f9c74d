"""Base class of the package's errors. In its own module because every layer imports it."""

from __future__ import annotations


class PledgeError(Exception):
    """Base class of errors that callers are expected to handle.

    ``code`` is a stable machine-readable identifier, ``message`` is for people, ``permanent`` is true if the
    same call will fail again.
    """

    def __init__(self, code: str, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
