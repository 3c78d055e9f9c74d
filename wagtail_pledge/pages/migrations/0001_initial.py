"""The concrete page types. Made with Wagtail 7.4 and Django 5.2; see CONTRIBUTING on migrations."""

import django.db.models.deletion
import wagtail.fields
import wagtail_pledge.models
import wagtail_pledge.treaties.regions
from django.db import migrations, models
from wagtail.images import get_image_model_string


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wagtail_pledge", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(get_image_model_string()),
    ]

    operations = [
        migrations.CreateModel(
            name="PledgeIndexPage",
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
                ("lead", models.TextField(blank=True, verbose_name="introduction")),
            ],
            options={
                "verbose_name": "campaign list page",
                "verbose_name_plural": "campaign list pages",
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
        migrations.CreateModel(
            name="PledgePage",
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
                    "asker",
                    models.CharField(
                        blank=True,
                        help_text="Your organization or group, shown above the title.",
                        max_length=120,
                        verbose_name="who asks",
                    ),
                ),
                (
                    "addressee",
                    models.CharField(
                        blank=True,
                        help_text="Who decides. For example, “the United States Senate”.",
                        max_length=120,
                        verbose_name="whom you ask",
                    ),
                ),
                (
                    "lead",
                    models.TextField(
                        blank=True,
                        help_text="Two sentences under the title: the problem, and what you want done.",
                        verbose_name="introduction",
                    ),
                ),
                (
                    "statement",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="The text that people sign, word for word. Each published change creates a new version.",
                        verbose_name="statement",
                    ),
                ),
                (
                    "button_text",
                    models.CharField(
                        blank=True, help_text="If empty: “Add my name”.", max_length=40, verbose_name="button text"
                    ),
                ),
                ("optional_fields", models.JSONField(blank=True, default=dict, verbose_name="fields")),
                (
                    "privacy_note",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="One or two sentences under the button: who receives which data, and for how long.",
                        verbose_name="privacy note",
                    ),
                ),
                ("body", wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="body")),
                ("thanks_heading", models.CharField(blank=True, max_length=120, verbose_name="thank-you heading")),
                ("thanks_text", wagtail.fields.RichTextField(blank=True, verbose_name="thank-you text")),
                (
                    "asker_logo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=get_image_model_string(),
                        verbose_name="logo of who asks",
                    ),
                ),
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
                (
                    "pledge",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign page",
                "verbose_name_plural": "campaign pages",
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
        migrations.CreateModel(
            name="SignerTypePage",
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
                ("kind", models.CharField(default="individual", max_length=40, verbose_name="type of signer")),
                ("intro", wagtail.fields.RichTextField(blank=True, verbose_name="intro")),
                (
                    "button_text",
                    models.CharField(
                        blank=True, help_text="If empty: “Add my name”.", max_length=40, verbose_name="button text"
                    ),
                ),
                (
                    "consent_sign",
                    models.TextField(
                        blank=True,
                        help_text="Shown above the button and stored with each signature. If empty, the default text is used.",
                        verbose_name="consent to sign",
                    ),
                ),
                (
                    "consent_updates",
                    models.TextField(
                        blank=True,
                        help_text="Label of a checkbox that starts unchecked.",
                        verbose_name="consent to updates",
                    ),
                ),
                (
                    "consent_authority",
                    models.TextField(
                        blank=True,
                        help_text="For organizations: the authorization that the signer confirms.",
                        verbose_name="authority to sign",
                    ),
                ),
                ("optional_fields", models.JSONField(blank=True, default=dict, verbose_name="fields")),
                (
                    "questions",
                    wagtail_pledge.models.PledgeStreamField(
                        blank=True,
                        help_text="Asked after the standard fields. Answers are stored encrypted. Only staff can see them.",
                        verbose_name="questions",
                    ),
                ),
                (
                    "confirmation_subject",
                    models.CharField(blank=True, max_length=120, verbose_name="subject of the confirmation email"),
                ),
                (
                    "confirmation_text",
                    models.TextField(
                        blank=True,
                        help_text="Plain text, sent exactly as written.",
                        verbose_name="introduction of the confirmation email",
                    ),
                ),
                ("thanks_heading", models.CharField(blank=True, max_length=120, verbose_name="thank-you heading")),
                ("thanks_text", wagtail.fields.RichTextField(blank=True, verbose_name="thank-you text")),
                (
                    "signer_type",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.signertype",
                        verbose_name="way to sign",
                    ),
                ),
            ],
            options={
                "verbose_name": "way to sign",
                "verbose_name_plural": "ways to sign",
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
        migrations.CreateModel(
            name="TreatyStatusPage",
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
                    "missing_group",
                    models.CharField(
                        blank=True,
                        choices=wagtail_pledge.treaties.regions.group_choices,
                        help_text="States to look at more closely: the page lists which of them are not party yet.",
                        max_length=40,
                        verbose_name="who is missing",
                    ),
                ),
                ("lead", models.TextField(blank=True, verbose_name="introduction")),
                ("body", wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="body")),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        help_text="Links in the card and at the end of the page lead to this campaign.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "spotlight",
                    models.ForeignKey(
                        blank=True,
                        help_text="Shown in a card of its own. The text updates when the State’s status changes.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtail_pledge.state",
                        verbose_name="Highlighted State",
                    ),
                ),
                (
                    "treaty",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.treaty",
                        verbose_name="treaty",
                    ),
                ),
            ],
            options={
                "verbose_name": "treaty status page",
                "verbose_name_plural": "treaty status pages",
                "abstract": False,
            },
            bases=("wagtailcore.page", models.Model),
        ),
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
                        help_text="Shown with the title. Lists begin with the newest. If empty: today.",
                        verbose_name="date",
                    ),
                ),
                (
                    "lead",
                    models.TextField(
                        blank=True,
                        help_text="One or two sentences: what happened. Lists show them under the title.",
                        verbose_name="introduction",
                    ),
                ),
                ("body", wagtail_pledge.models.PledgeStreamField(blank=True, verbose_name="body")),
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
