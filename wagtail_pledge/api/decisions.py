"""The parts of ``pledge.json`` on who decides: decision-makers and the decision path, in all languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from wagtail_pledge.core.i18n import default_language
from wagtail_pledge.delivery.display import MAX_RECIPIENTS, MAX_STAGES
from wagtail_pledge.delivery.models import DecisionStage, PledgeRecipient, Recipient
from wagtail_pledge.signing.websites import web_address

JSONObject = dict[str, Any]


def decisions_exist() -> dict[str, Exists]:
    """Return annotations of a pledge, ``has_recipients`` and ``has_stages``, so that most need no query more."""
    return {
        "has_recipients": Exists(PledgeRecipient.objects.filter(pledge=OuterRef("pk"))),
        "has_stages": Exists(DecisionStage.objects.filter(pledge=OuterRef("pk"))),
    }


def decisions_json(pledge: Any) -> JSONObject:
    """Return ``recipients`` and ``decision_path`` of a pledge with the annotations of :func:`decisions_exist`.

    Two queries for the decision-makers, at most six for the stages, none for what does not exist.
    """
    return {
        "recipients": _recipients(pledge) if pledge.has_recipients else [],
        "decision_path": _path(pledge) if pledge.has_stages else [],
    }


def _recipients(pledge: Any) -> list[JSONObject]:
    rows = Recipient.objects.of_pledge(pledge).prefetch_related("translations")[:MAX_RECIPIENTS]
    return [_recipient(row) for row in rows]


def _by_language(row: Any, field: str) -> dict[str, str]:
    """Return a text by language code, the site's default language first; ``{}`` for an empty text."""
    texts = {default_language(): getattr(row, field)}
    texts |= {each.language: getattr(each, field) for each in row.translations.all()}
    return {code: text for code, text in texts.items() if text}


def _names(row: Any) -> JSONObject:
    return {
        "id": str(row.uuid),
        "name": row.name,
        "office": _by_language(row, "office"),
        "place": _by_language(row, "place"),
    }


def _recipient(row: Any) -> JSONObject:
    return {
        **_names(row),
        "website": web_address(row.website),
        "email": row.email,
        "phone": row.phone,
        "address": row.address,
        "position": row.position,
        "position_date": _day(row.position_on),
        "position_source": web_address(row.position_source),
    }


def _path(pledge: Any) -> list[JSONObject]:
    rows = DecisionStage.objects.of_pledge(pledge).prefetch_related(
        "translations", "recipient__translations", "evidence__translations"
    )
    return [
        {
            "id": str(row.uuid),
            "name": _by_language(row, "name"),
            "text": _by_language(row, "text"),
            "state": row.state,
            "recipient": _names(row.recipient) if row.recipient else None,
            "evidence": _evidence(row.evidence.all()),
        }
        for row in rows[:MAX_STAGES]
    ]


def _evidence(rows: Iterable[Any]) -> list[JSONObject]:
    return [
        {"date": _day(row.day), "text": _by_language(row, "text"), "source": web_address(row.source)} for row in rows
    ]


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
