"""Recount every tally from the signatures."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_pledge.signing.worker.tallies import recount_everything


class Command(BaseCommand):
    """``pledge_recount``."""

    help = "Recounts all signatures; says how many stored buckets were wrong and sets them right."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Recount and report."""
        wrong = recount_everything()
        self.stdout.write(f"{wrong} buckets were wrong and have been set right." if wrong else "Every bucket holds.")
