"""Management command that recounts all tallies. Django looks for each command in its own module."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_pledge.signing.worker.tallies import recount_all


class Command(BaseCommand):
    """``pledge_recount``."""

    help = "Recounts all signatures, corrects the stored tallies and prints how many were wrong."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Recount and print the result."""
        wrong = recount_all()
        self.stdout.write(f"{wrong} tallies were wrong and have been corrected." if wrong else "All tallies are right.")
