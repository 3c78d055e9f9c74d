"""The page that tells what is new."""

import django.db.models.deletion
import wagtail_pledge.core.streamfield
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custom_page", "0005_signer_questions"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="NewsPage",
            fields=[
                (
                    "basepage_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        blank=True,
                        help_text="Shown with the title. Lists begin with the newest. Empty: today.",
                        verbose_name="date",
                    ),
                ),
                (
                    "lead",
                    models.TextField(
                        blank=True,
                        help_text="One or two sentences: what happened. Lists show them under the title.",
                        verbose_name="lead",
                    ),
                ),
                ("body", wagtail_pledge.core.streamfield.PledgeStreamField(blank=True, verbose_name="body")),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="image",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("custom_page.basepage", models.Model),
        ),
    ]
