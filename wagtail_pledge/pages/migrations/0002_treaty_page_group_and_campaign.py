"""A treaty-status page can list who is missing and lead to a campaign."""

import django.db.models.deletion
from django.db import migrations, models

import wagtail_pledge.treaties.regions


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge_pages", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="treatystatuspage",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                help_text="Readers are led from the card and from the end of the page to sign it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtail_pledge.pledge",
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="treatystatuspage",
            name="missing_group",
            field=models.CharField(
                blank=True,
                choices=wagtail_pledge.treaties.regions.group_choices,
                help_text="States to look at more closely: the page lists which of them are not party yet.",
                max_length=40,
                verbose_name="who is missing",
            ),
        ),
    ]
