"""Loads the PDF of the summary, in each language, as Wagtail documents."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Collection

from example_project.campaign.demo.content import languages, read_content


def summary_path(language: str) -> Path:
    """Return the path of the PDF that ``pledge_summary_pdf`` writes."""
    path: Path = settings.PROJECT_DIR / "data" / f"summary-{language}.pdf"
    return path


def load_documents(collection: Collection) -> dict[str, Any]:
    """Save the files as documents in the collection and return their primary keys by language.

    A changed file replaces the old one.
    """
    return {language: _load(language, collection) for language in languages() if summary_path(language).exists()}


def _load(language: str, collection: Collection) -> Any:
    content = summary_path(language).read_bytes()
    title = read_content(language)["summary"]["title"]
    document_model = get_document_model()
    document = document_model.objects.filter(collection=collection, title=title).first()
    document = document or document_model(collection=collection, title=title)
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if document.pk is None or document.get_file_hash() != digest:
        document.file = ContentFile(content, name=summary_path(language).name)
        document.file_size, document.file_hash = len(content), digest
        document.save()
    return document.pk
