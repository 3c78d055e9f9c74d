"""Editors choose which fields a form asks; pages of before ask all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge_pages", "0004_update_pages"),
    ]

    operations = [
        migrations.AddField(
            model_name="pledgepage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
        migrations.AddField(
            model_name="signertypepage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
    ]
