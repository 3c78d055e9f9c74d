"""Updates: dated posts below a pledge page."""

import django.db.models.deletion
import wagtail_pledge.core.streamfield
from django.db import migrations, models
from wagtail.images import get_image_model_string


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge_pages", "0003_signer_questions"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0027_image_description"),
        migrations.swappable_dependency(get_image_model_string()),
    ]

    operations = [
        migrations.CreateModel(
            name="UpdatePage",
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
                        to=get_image_model_string(),
                        verbose_name="image",
                    ),
                ),
            ],
            options={
                "verbose_name": "update",
                "verbose_name_plural": "updates",
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
    ]
