"""Editors choose which fields a form asks; pages of before ask all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("no_pages", "0004_motto_and_branch"),
    ]

    operations = [
        migrations.AddField(
            model_name="actionpage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
        migrations.AddField(
            model_name="joinpage",
            name="asking",
            field=models.JSONField(blank=True, default=dict, verbose_name="choice of fields"),
        ),
    ]
