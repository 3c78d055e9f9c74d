"""``pledge_demo [--reset] [--signatures N]``: loads the example campaign."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from example_project.campaign.demo.decisions import load_decisions
from example_project.campaign.demo.documents import load_documents
from example_project.campaign.demo.pages import load_pages, set_up_site
from example_project.campaign.demo.reset import reset_demo
from example_project.campaign.demo.signatures import load_signatures
from example_project.campaign.demo.treaties import load_treaty_data
from example_project.campaign.demo.users import USERS, load_collection, load_groups, load_users


class Command(BaseCommand):
    """Load the example campaign: pages in two languages, treaties and users. A second run adds nothing."""

    help = "Loads the example campaign. Running it again adds nothing and does not change existing pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--reset`` and ``--signatures``."""
        parser.add_argument("--reset", action="store_true", help="First delete the demo and all signatures.")
        parser.add_argument(
            "--signatures", type=int, default=0, metavar="N", help="Generate signatures until there are N."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load each part, then print the addresses and logins."""
        if options["reset"]:
            if settings.DEMO_MAIL_DIR is None:
                message = "--reset deletes every signature, so only the demo settings allow it."
                raise CommandError(message)
            reset_demo()
            self.stdout.write("Deleted the demo's content and all signatures.")
        lists = load_treaty_data()
        collection = load_collection()
        pages = load_pages(collection, load_documents(collection))
        load_decisions(pages["en"]["ratify"].pledge, collection)
        set_up_site(pages)
        load_groups(collection, [translation["home"] for translation in pages.values()])
        password = load_users(os.environ.get("PLEDGE_DEMO_PASSWORD") or None)
        self.stdout.write(f"Treaty status lists imported: {lists}.")
        if options["signatures"]:
            added = load_signatures(pages["en"]["ratify"].pledge, options["signatures"])
            self.stdout.write(f"Signatures generated: {added}.")
        self._print_summary(password)

    def _print_summary(self, password: str | None) -> None:
        root = settings.WAGTAIL_PLEDGE_BASE_URL
        lines = (
            f"Campaign   {root}/en/ratify/   {root}/es/ratify/",
            f"Treaty     {root}/en/treaty/",
            *([f"Demo mail  {root}/demo/mail/"] if settings.DEMO_MAIL_DIR else []),
            f"Admin      {root}/admin/",
            f"Logins     {', '.join(USERS)}; password: {password or 'unchanged'}",
        )
        self.stdout.write("\n".join(lines))
