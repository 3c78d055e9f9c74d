"""Context of the confirm page: exactly what will be signed, and what else was sent for the same address."""

from __future__ import annotations

from typing import Any

from wagtail_pledge.campaigns.lookups import find_pledge_page, full_url
from wagtail_pledge.signing.messages import statement_summary
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services import current_statement
from wagtail_pledge.signing.services.offers import (
    Offers,
    asks_for_partner,
    asks_for_updates,
    display_choices,
    least_display,
)


def confirm_context(offers: Offers) -> dict[str, Any]:
    """Return the context; if the submissions differ, nothing is preselected but the choices that show least."""
    own, statement = offers.own, offers.own.submission.statement
    signer_type, data = statement.signer_type, offers.own.payload.data
    page = find_pledge_page(signer_type.pledge, own.payload.locale)
    newest = current_statement(pledge=signer_type.pledge.uuid, signer_type=signer_type.uuid, locale=own.payload.locale)
    is_outdated = newest is not None and newest.locale == statement.locale and newest.pk != statement.pk
    return {
        "offers": offers,
        "signer_details": own.details,
        **choices_context(own.submission),
        "display": least_display(own.submission) if offers.do_differ else data.display,
        "updates": data.consent_updates and not offers.do_differ,
        "ask": statement_summary(statement.text),
        "text": statement.text,
        "waiting": signer_type.approval_required,
        "is_outdated": is_outdated,
        "pledge_page": page,
        "pledge_title": page.title if page else signer_type.pledge.title,
        "pledge_url": full_url(page) if page else "",
    }


def choices_context(submission: Submission) -> dict[str, Any]:
    """Return the context about what the page asks for again, with the wording of the form; no query."""
    consent = submission.statement.consent
    return {
        "display_choices": display_choices(submission),
        "asks_for_updates": asks_for_updates(submission),
        "updates_label": consent.get("updates", ""),
        "asks_for_partner": asks_for_partner(submission),
        "partner_label": consent.get("partner", ""),
    }
