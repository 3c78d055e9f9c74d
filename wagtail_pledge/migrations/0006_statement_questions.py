"""A statement keeps the questions that were asked with it; those of before asked none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0005_limits_and_switches"),
    ]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="questions",
            field=models.JSONField(blank=True, default=list, verbose_name="questions"),
        ),
    ]
