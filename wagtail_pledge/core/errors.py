"""The one tree of errors: the thrower says whether trying again can help."""

from __future__ import annotations


class PledgeError(Exception):
    """A refusal or a failure that the caller is expected to handle.

    ``code`` is a stable machine-readable word, ``message`` is for people, ``permanent`` is true when the
    same call will fail again.
    """

    def __init__(self, code: str, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
