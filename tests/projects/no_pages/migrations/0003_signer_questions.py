"""A signer-type page can ask questions."""

from django.db import migrations

import wagtail_pledge.core.streamfield


class Migration(migrations.Migration):
    dependencies = [
        ("no_pages", "0002_treaty_page_group_and_campaign"),
    ]

    operations = [
        migrations.AddField(
            model_name="joinpage",
            name="questions",
            field=wagtail_pledge.core.streamfield.PledgeStreamField(
                blank=True,
                help_text="Asked after the fields that everybody fills in. Answers are kept encrypted; only staff see them.",
                verbose_name="questions",
            ),
        ),
    ]
