"""Indexes of those who may be named on the website: the newest first, and the organizations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0009_goal_steps"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False), ("consent_display", True), ("verdict", "clear")),
                fields=["pledge", "-confirmed_at"],
                name="wagtail__signatur_shown",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("organization__isnull", False)),
                fields=["pledge"],
                name="wagtail__signatur_bodies",
            ),
        ),
    ]
