"""The word that a signature came with, and its index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custom_signature", "0001_initial"),
        ("wagtail_pledge", "0008_partner_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="membersignature",
            name="source",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="source"),
        ),
        migrations.AddIndex(
            model_name="membersignature",
            index=models.Index(
                condition=models.Q(("source", ""), _negated=True),
                fields=["pledge", "source"],
                name="custom_s_membersi_source",
            ),
        ),
    ]
