"""Indexes of those who may be named on the website: the newest first, and the organizations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custom_signature", "0002_signature_source"),
        ("wagtail_pledge", "0010_public_names_index"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="membersignature",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False), ("consent_display", True), ("verdict", "clear")),
                fields=["pledge", "-confirmed_at"],
                name="custom_s_membersi_shown",
            ),
        ),
        migrations.AddIndex(
            model_name="membersignature",
            index=models.Index(
                condition=models.Q(("organization__isnull", False)),
                fields=["pledge"],
                name="custom_s_membersi_bodies",
            ),
        ),
    ]
