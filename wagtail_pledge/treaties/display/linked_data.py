"""JSON-LD (schema.org) of a treaty and its status, for search engines."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.safestring import SafeString

from wagtail_pledge.core.escaping import linked_data_json
from wagtail_pledge.treaties.display.facts import TreatyLabel, treaty_sentence
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import TreatyStatus


def linked_data(
    treaty: Treaty, label: TreatyLabel, status: TreatyStatus, page_url: str, downloads: Mapping[str, str]
) -> SafeString:
    """Return the JSON for ``<script type="application/ld+json">``: a ``Legislation`` and a ``Dataset``.

    ``downloads`` maps media types to absolute URLs. Empty values are left out.
    """
    law = {
        "@type": "Legislation",
        "@id": f"{page_url}#treaty",
        "name": label.title,
        "alternateName": treaty.short_name,
        "legislationType": "Treaty",
        "legislationIdentifier": treaty.reference,
        "legislationDate": treaty.adopted_on and treaty.adopted_on.isoformat(),
        "legislationLegalForce": "https://schema.org/InForce" if _is_in_force(treaty, status) else "",
        "url": treaty.text_url,
    }
    data = {
        "@type": "Dataset",
        "@id": f"{page_url}#status",
        "name": label.title,
        "description": treaty_sentence(status, label.name),
        "url": page_url,
        "about": {"@id": law["@id"]},
        "temporalCoverage": _coverage(treaty, status),
        "dateModified": status.data_as_of.isoformat(),
        "isBasedOn": treaty.source_url or treaty.source,
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": url} for media, url in downloads.items()
        ],
    }
    return linked_data_json([law, data])


def _is_in_force(treaty: Treaty, status: TreatyStatus) -> bool:
    return treaty.in_force_on is not None and treaty.in_force_on <= status.as_of


def _coverage(treaty: Treaty, status: TreatyStatus) -> str:
    return f"{treaty.adopted_on.isoformat()}/{status.known_until.isoformat()}" if treaty.adopted_on else ""
