"""``pledge_summary_pdf [--output DIR]``: writes the PDF of the summary page in each language."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from example_project.campaign.demo.content import languages
from example_project.campaign.demo.documents import summary_path
from example_project.campaign.summary import summary_html, summary_page, summary_style

try:
    from weasyprint import HTML
except (ImportError, OSError):  # OSError: WeasyPrint is installed, but the pango library is not
    HTML = None

MISSING_MESSAGE: Final = (
    "Install the extra [pdf] (WeasyPrint) and the pango library: apt-get install libpangoft2-1.0-0."
)


class Command(BaseCommand):
    """Write the summary as PDF from the text of its page. ``pledge_demo`` then adds the file to the site."""

    help = "Writes the summary page as PDF. Run pledge_demo afterwards to add the file to the site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--output``."""
        parser.add_argument(
            "--output", type=Path, metavar="DIR", help="The output directory; default: example_project/data."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write one file per language. Fail if WeasyPrint or a page is missing."""
        if HTML is None:
            raise CommandError(MISSING_MESSAGE)
        for language in languages():
            page = summary_page(language)
            if page is None:
                message = f"No live summary page in {language!r}: run pledge_demo first."
                raise CommandError(message)
            path = summary_path(language)
            target = options["output"] / path.name if options["output"] else path
            document = HTML(string=summary_html(page))
            # Tagged for screen readers (ISO 14289-1); the headings become bookmarks
            document.write_pdf(target, stylesheets=[str(summary_style())], pdf_variant="pdf/ua-1")
            self.stdout.write(f"{target} ({target.stat().st_size // 1024} kB)")
