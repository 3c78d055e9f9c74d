"""The concrete page types. Made with Wagtail 7.4 and Django 5.2; see CONTRIBUTING on migrations."""

import django.db.models.deletion
import wagtail.fields
import wagtail_pledge.core.streamfield
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
                ("lead", models.TextField(blank=True, verbose_name="lead")),
            ],
            options={
                "verbose_name": "index of pledges",
                "verbose_name_plural": "indexes of pledges",
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
                    "kicker",
                    models.CharField(
                        blank=True,
                        help_text="One line above the title, like “A call to the United States”.",
                        max_length=120,
                        verbose_name="who is asked",
                    ),
                ),
                (
                    "lead",
                    models.TextField(
                        blank=True,
                        help_text="Two sentences under the title: what is wrong, what to do.",
                        verbose_name="lead",
                    ),
                ),
                (
                    "statement",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="The text that people sign, word for word. Each published change makes a new version.",
                        verbose_name="statement",
                    ),
                ),
                (
                    "button_text",
                    models.CharField(
                        blank=True, help_text="Empty: “Add my name”.", max_length=40, verbose_name="button"
                    ),
                ),
                ("optional_fields", models.JSONField(blank=True, default=dict, verbose_name="choice of fields")),
                (
                    "privacy_note",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="One or two sentences under the button: who receives which data, and for how long.",
                        verbose_name="who sees what",
                    ),
                ),
                ("body", wagtail_pledge.core.streamfield.PledgeStreamField(blank=True, verbose_name="body")),
                ("thanks_heading", models.CharField(blank=True, max_length=120, verbose_name="thank-you heading")),
                ("thanks_text", wagtail.fields.RichTextField(blank=True, verbose_name="thank-you text")),
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
                        verbose_name="pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "pledge page",
                "verbose_name_plural": "pledge pages",
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
                ("kind", models.CharField(default="individual", max_length=40, verbose_name="kind of signer")),
                ("intro", wagtail.fields.RichTextField(blank=True, verbose_name="intro")),
                (
                    "button_text",
                    models.CharField(
                        blank=True, help_text="Empty: “Add my name”.", max_length=40, verbose_name="button"
                    ),
                ),
                (
                    "consent_sign",
                    models.TextField(
                        blank=True,
                        help_text="Stands above the button and is kept with each signature. Empty: our wording.",
                        verbose_name="consent to sign",
                    ),
                ),
                (
                    "consent_updates",
                    models.TextField(
                        blank=True, help_text="Label of an unticked box.", verbose_name="consent to updates"
                    ),
                ),
                (
                    "consent_authority",
                    models.TextField(
                        blank=True,
                        help_text="For organizations: what the representative states.",
                        verbose_name="authority to sign",
                    ),
                ),
                ("optional_fields", models.JSONField(blank=True, default=dict, verbose_name="choice of fields")),
                (
                    "questions",
                    wagtail_pledge.core.streamfield.PledgeStreamField(
                        blank=True,
                        help_text="Asked after the fields that everybody fills in. Answers are kept encrypted; only staff see them.",
                        verbose_name="questions",
                    ),
                ),
                (
                    "confirmation_subject",
                    models.CharField(blank=True, max_length=120, verbose_name="subject of the confirmation mail"),
                ),
                (
                    "confirmation_text",
                    models.TextField(
                        blank=True,
                        help_text="Plain text, sent as it stands.",
                        verbose_name="opening words of the confirmation mail",
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
                        verbose_name="signer type",
                    ),
                ),
            ],
            options={
                "verbose_name": "signer-type page",
                "verbose_name_plural": "signer-type pages",
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
                ("lead", models.TextField(blank=True, verbose_name="lead")),
                ("body", wagtail_pledge.core.streamfield.PledgeStreamField(blank=True, verbose_name="body")),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        help_text="Readers are led from the card and from the end of the page to sign it.",
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
                        help_text="Gets a card of its own, whose words follow what the State does.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtail_pledge.state",
                        verbose_name="State in the spotlight",
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
