"""The logos that organizations send in: in the database until somebody approves them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0010_public_names_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrganizationLogo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_uuid", models.UUIDField(verbose_name="signature")),
                ("content", models.BinaryField(default=b"")),
                ("file", models.FileField(blank=True, upload_to="wagtail_pledge/logos", verbose_name="file")),
                ("was_refused", models.BooleanField(default=False, verbose_name="refused")),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded at"
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "logo",
                "verbose_name_plural": "logos",
                "constraints": [
                    models.UniqueConstraint(fields=("pledge", "signature_uuid"), name="pledge_logo_one_a_signature")
                ],
            },
        ),
    ]
