"""The models of this test project."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
import wagtail_pledge.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wagtail_pledge", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("kind", models.CharField(max_length=40, verbose_name="type of signer")),
                ("locale", models.CharField(max_length=16, verbose_name="language")),
                ("epoch", models.PositiveSmallIntegerField(default=1, verbose_name="epoch")),
                ("link_epoch", models.PositiveSmallIntegerField(db_default=1, default=1, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("withdrawn", "Withdrawn"), ("anonymised", "Anonymized")],
                        default="confirmed",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "review",
                    models.CharField(
                        choices=[("ok", "OK"), ("needs_review", "Needs review"), ("invalid", "Invalid")],
                        default="ok",
                        max_length=16,
                        verbose_name="check",
                    ),
                ),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("not_needed", "Not needed"),
                            ("waiting", "Waiting for approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                        ],
                        default="not_needed",
                        max_length=16,
                        verbose_name="approval",
                    ),
                ),
                ("mailbox_key", models.BinaryField(max_length=32, null=True)),
                ("mailbox_key_next", models.BinaryField(max_length=32, null=True)),
                ("seat", models.BinaryField(default=b"", max_length=32)),
                ("name_key", models.BinaryField(max_length=32, null=True)),
                ("email", wagtail_pledge.models.EncryptedTextField(context="signature", verbose_name="email")),
                ("name", wagtail_pledge.models.EncryptedTextField(context="signature", verbose_name="name")),
                ("details", wagtail_pledge.models.EncryptedJSONField(context="signature", verbose_name="details")),
                ("answers", wagtail_pledge.models.EncryptedJSONField(context="signature", verbose_name="answers")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "display",
                    models.CharField(
                        choices=[
                            ("hidden", "Not shown on the website"),
                            ("initials", "Initials and country"),
                            ("name", "Name"),
                            ("name_place", "Name and place"),
                        ],
                        default="hidden",
                        max_length=16,
                        verbose_name="how the name appears",
                    ),
                ),
                ("public_name", models.CharField(blank=True, max_length=260, verbose_name="name on the website")),
                ("consent_sign", models.BooleanField(default=False, verbose_name="agreed to sign")),
                ("consent_display", models.BooleanField(default=False, verbose_name="agreed to be shown")),
                ("consent_updates", models.BooleanField(default=False, verbose_name="agreed to updates")),
                (
                    "consent_partner",
                    models.BooleanField(default=False, verbose_name="agreed to be shared with a partner"),
                ),
                ("source", models.CharField(blank=True, db_default="", max_length=40, verbose_name="source")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="signed at"
                    ),
                ),
                ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="confirmed at")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                ("branch", models.CharField(blank=True, default="unassigned", max_length=60)),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=20, null=True, unique=True, verbose_name="membership number"
                    ),
                ),
                ("seat_number", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "signer_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.signertype",
                        verbose_name="way to sign",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.statement",
                        verbose_name="statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "member's signature",
                "verbose_name_plural": "members' signatures",
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("confirmed_at"),
                        models.F("pledge"),
                        condition=models.Q(("state", "confirmed")),
                        name="custom_s_membersi_counting",
                    ),
                    models.Index(
                        condition=models.Q(("approval", "waiting"), ("state", "confirmed")),
                        fields=["pledge"],
                        name="custom_s_membersi_waiting",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("confirmed_at__isnull", False), ("consent_display", True), ("review", "ok")
                        ),
                        fields=["pledge", "-confirmed_at"],
                        name="custom_s_membersi_shown",
                    ),
                    models.Index(
                        condition=models.Q(("organization__isnull", False)),
                        fields=["pledge"],
                        name="custom_s_membersi_orgs",
                    ),
                    models.Index(
                        condition=models.Q(("approval", "approved")),
                        fields=["pledge", "kind"],
                        name="custom_s_membersi_approved",
                    ),
                    models.Index(fields=["pledge", "name_key"], name="custom_s_membersi_name"),
                    models.Index(
                        condition=models.Q(("source", ""), _negated=True),
                        fields=["pledge", "source"],
                        name="custom_s_membersi_source",
                    ),
                    models.Index(fields=["pledge", "-id"], name="custom_s_membersi_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pledge", "kind", "mailbox_key", "seat"),
                        name="custom_signature_membersignature_one_per_mailbox",
                    ),
                    models.UniqueConstraint(
                        fields=("pledge", "kind", "mailbox_key_next", "seat"),
                        name="custom_signature_membersignature_one_per_mailbox_next",
                    ),
                    models.UniqueConstraint(fields=("pledge", "uuid"), name="custom_signature_membersignature_uuid"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="custom_signature_membersignature_confirmed_has_time",
                    ),
                    models.UniqueConstraint(
                        fields=("pledge", "seat_number"),
                        name="one_a_seat",
                        violation_error_message="This seat has signed.",
                    ),
                ],
            },
        ),
    ]
