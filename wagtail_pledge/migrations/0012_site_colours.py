"""A site's own brand and button colour."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0011_organization_logos"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteColours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "brand",
                    models.CharField(
                        blank=True,
                        help_text="The ground of the head of each page, and links.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Write the colour as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="brand colour",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        blank=True,
                        help_text="Only for the button that people sign with.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Write the colour as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="button colour",
                    ),
                ),
                (
                    "brand_dark",
                    models.CharField(
                        blank=True,
                        help_text="Empty: made from the brand colour.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Write the colour as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="brand colour, dark screens",
                    ),
                ),
                (
                    "action_dark",
                    models.CharField(
                        blank=True,
                        help_text="A bright one, its words are dark. Empty: made from the button colour.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Write the colour as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="button colour, dark screens",
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        editable=False, on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.site"
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign colours",
                "verbose_name_plural": "campaign colours",
            },
        ),
    ]
