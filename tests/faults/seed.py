"""Create an open pledge and print how to sign it as JSON: ``python -m tests.faults.seed``."""

from __future__ import annotations

import json

import django

django.setup()

from django.urls import reverse  # noqa: E402

from tests.projects.campaign import publish_campaign  # noqa: E402
from wagtail_pledge.pages.models import PledgePage, SignerTypePage  # noqa: E402
from wagtail_pledge.signing.models import (  # noqa: E402
    MailQueueState,
    OutboxMessage,
    Pledge,
    SignatureEvent,
    Submission,
    get_signature_model,
)
from wagtail_pledge.signing.services import current_statements  # noqa: E402

_text = "<p>We call on you to ratify.</p>"
campaign, page = publish_campaign(PledgePage(title="Ratify now", slug="ratify", statement=_text), SignerTypePage)
statement = current_statements(campaign.pledge_id, "en")[page.signer_type_id]
signer_type, pledge = page.signer_type, campaign.pledge
stamp = reverse("wagtail_pledge:stamp", args=[pledge.uuid])
print(
    json.dumps(
        {
            "path": reverse("wagtail_pledge:sign", args=[pledge.uuid, signer_type.uuid]),
            "stamp": f"{stamp}?statement={statement.sha256}",
            "count": reverse("wagtail_pledge:count", args=[pledge.uuid]),
            "health": reverse("wagtail_pledge:health"),
            "page": page.url,
            "sha256": statement.sha256,
            "pledge": str(pledge.pk),
            "submissions": Submission._meta.db_table,
            "signatures": get_signature_model()._meta.db_table,
            "events": SignatureEvent._meta.db_table,
            "outbox": OutboxMessage._meta.db_table,
            "pledges": Pledge._meta.db_table,
            "queues": MailQueueState._meta.db_table,
        }
    )
)
