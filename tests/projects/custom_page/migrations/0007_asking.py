"""Editors choose which fields a form asks; pages of before ask all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custom_page", "0006_update_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaignpage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
        migrations.AddField(
            model_name="signpage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
    ]
