"""A statement keeps which fields were asked with it; those of before asked all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0013_own_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
    ]
