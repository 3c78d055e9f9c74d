from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import wagtail_pledge.models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0001_content_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="HomePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.page",
                    ),
                ),
                ("kicker", models.CharField(blank=True, max_length=120, verbose_name="line above the title")),
                ("lead", models.TextField(blank=True, verbose_name="introduction")),
                (
                    "aside",
                    wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="beside the title"),
                ),
                ("body", wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="story")),
                (
                    "more",
                    wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="below, full width"),
                ),
            ],
            options={
                "verbose_name": "home page",
                "verbose_name_plural": "home pages",
            },
            bases=("wagtailcore.page", models.Model),
        ),
    ]
