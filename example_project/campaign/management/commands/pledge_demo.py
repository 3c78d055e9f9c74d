"""``pledge_demo [--reset] [--signatures N]``."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from example_project.campaign.demo.documents import load_documents
from example_project.campaign.demo.pages import load_pages, set_up_site
from example_project.campaign.demo.people import USERS, load_collection, load_groups, load_users
from example_project.campaign.demo.reset import start_over
from example_project.campaign.demo.signatures import load_signatures
from example_project.campaign.demo.treaties import load_all


class Command(BaseCommand):
    """Load the campaign: pages in two languages, treaties, users. A second run adds nothing."""

    help = "Loads the example campaign. Running it again adds nothing; pages stay as editors have made them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options of the contract."""
        parser.add_argument("--reset", action="store_true", help="Delete the demo, its signatures included, first.")
        parser.add_argument("--signatures", type=int, default=0, metavar="N", help="Have N made-up signatures.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load step by step and say what is where."""
        if options["reset"]:
            if settings.DEMO_MAIL_DIR is None:
                message = "--reset deletes every signature: only the demo's settings allow it."
                raise CommandError(message)
            start_over()
            self.stdout.write("Deleted what the demo had.")
        lists = load_all()
        collection = load_collection()
        pages = load_pages(collection, load_documents(collection))
        set_up_site(pages)
        load_groups(collection, [found["home"] for found in pages.values()])
        password = load_users(os.environ.get("PLEDGE_DEMO_PASSWORD") or None)
        self.stdout.write(f"Treaty lists imported: {lists} (the others were there).")
        if options["signatures"]:
            added = load_signatures(pages["en"]["ratify"].pledge, options["signatures"])
            self.stdout.write(f"Made-up signatures added: {added}.")
        self._tell(password)

    def _tell(self, password: str | None) -> None:
        root = settings.WAGTAIL_PLEDGE_BASE_URL
        lines = (
            f"Campaign   {root}/en/ratify/   {root}/es/ratify/",
            f"Treaty     {root}/en/treaty/",
            *([f"Demo mail  {root}/demo/mail/"] if settings.DEMO_MAIL_DIR else []),
            f"Admin      {root}/admin/",
            f"Logins     {', '.join(USERS)}; password: {password or 'the one they had'}",
        )
        self.stdout.write("\n".join(lines))
