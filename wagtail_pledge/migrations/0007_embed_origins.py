"""Websites that may show the form of a pledge in a frame."""

import django.db.models.deletion
import modelcluster.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0006_statement_questions"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmbedOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origin",
                    models.CharField(
                        help_text="Like https://partner.example. Each subdomain is a website of its own.",
                        max_length=200,
                        verbose_name="website",
                    ),
                ),
                (
                    "pledge",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="embed_origins",
                        to="wagtail_pledge.pledge",
                        verbose_name="pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "website that may embed the form",
                "verbose_name_plural": "websites that may embed the form",
                "ordering": ["origin"],
            },
        ),
    ]
