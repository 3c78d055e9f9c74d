"""Make an open pledge and print where to sign it as JSON: ``python -m tests.faults.seed``."""

from __future__ import annotations

import json

import django

django.setup()

from django.urls import reverse  # noqa: E402

from wagtail_pledge.signing.models import LaneState, OutboxMessage, Pledge, get_signature_model  # noqa: E402
from wagtail_pledge.testing.factories import StatementFactory  # noqa: E402

statement = StatementFactory()
signer_type = statement.signer_type
print(
    json.dumps(
        {
            "path": reverse("wagtail_pledge:sign", args=[signer_type.pledge.uuid, signer_type.uuid]),
            "sha256": statement.sha256,
            "signatures": get_signature_model()._meta.db_table,
            "outbox": OutboxMessage._meta.db_table,
            "pledges": Pledge._meta.db_table,
            "lanes": LaneState._meta.db_table,
        }
    )
)
