"""The whole schema of the package. Made with Wagtail 7.4 and Django 5.2; see CONTRIBUTING on migrations."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import modelcluster.fields
import uuid
import wagtail.models.media
import wagtail_pledge.delivery.enums
import wagtail_pledge.delivery.models
import wagtail_pledge.models
import wagtail_pledge.signing.models.event
import wagtail_pledge.signing.models.pledge
import wagtail_pledge.signing.models.submission
import wagtail_pledge.treaties.enums
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailQueueState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue", models.PositiveSmallIntegerField(unique=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("paused_until", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "email priority",
                "verbose_name_plural": "email priorities",
            },
        ),
        migrations.CreateModel(
            name="NetworkDayKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("key", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "network key",
                "verbose_name_plural": "network keys",
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "folded_name",
                    models.CharField(db_index=True, editable=False, max_length=200, verbose_name="name for comparison"),
                ),
                ("website", models.URLField(blank=True, verbose_name="website")),
                (
                    "host",
                    models.CharField(
                        blank=True, db_index=True, editable=False, max_length=253, verbose_name="web host"
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created at"
                    ),
                ),
            ],
            options={
                "verbose_name": "organization",
                "verbose_name_plural": "organizations",
                "ordering": ["folded_name"],
            },
        ),
        migrations.CreateModel(
            name="PartnerLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        help_text="For example, peace-union for links that end in ?source=peace-union. Signatures keep the code they came with.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]{0,39}\\Z",
                                "Use only lowercase letters (a to z), digits and hyphens.",
                            )
                        ],
                        verbose_name="code in the link",
                    ),
                ),
                ("name", models.CharField(help_text="Only your team sees this.", max_length=120, verbose_name="name")),
                (
                    "quota",
                    models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="number of forms"),
                ),
                ("ends_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="ends at")),
            ],
            options={
                "verbose_name": "partner link",
                "verbose_name_plural": "partner links",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SpentChallenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("submission", models.UUIDField()),
                ("challenge", models.CharField(max_length=128, unique=True)),
                ("until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "spent challenge",
                "verbose_name_plural": "spent challenges",
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("budget_key", models.BinaryField(max_length=32, unique=True)),
                ("until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "suppressed mailbox",
                "verbose_name_plural": "suppressed mailboxes",
            },
        ),
        migrations.CreateModel(
            name="TokenKeyUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField(unique=True)),
                ("first_used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "use of a token key",
                "verbose_name_plural": "uses of token keys",
            },
        ),
        migrations.CreateModel(
            name="Treaty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.SlugField(
                        help_text="Used in web addresses and blocks.", max_length=40, unique=True, verbose_name="key"
                    ),
                ),
                ("short_name", models.CharField(max_length=60, verbose_name="abbreviation")),
                (
                    "name",
                    models.CharField(
                        help_text="With its article, as in “… are party to the Migrant Workers Convention”.",
                        max_length=200,
                        verbose_name="name in a sentence",
                    ),
                ),
                ("title", models.CharField(max_length=400, verbose_name="official title")),
                ("depositary", models.CharField(blank=True, max_length=120, verbose_name="depositary")),
                ("reference", models.CharField(blank=True, max_length=60, verbose_name="depositary’s reference")),
                ("adopted_on", models.DateField(blank=True, null=True, verbose_name="adopted on")),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened for signature on")),
                ("in_force_on", models.DateField(blank=True, null=True, verbose_name="in force since")),
                (
                    "threshold",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="parties needed for entry into force"
                    ),
                ),
                (
                    "threshold_article",
                    models.CharField(blank=True, max_length=40, verbose_name="article on entry into force"),
                ),
                (
                    "effect_rule",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.effect_rule_choices,
                        default="unknown",
                        max_length=40,
                        verbose_name="when consent takes effect",
                    ),
                ),
                (
                    "counts_organizations",
                    models.BooleanField(
                        default=True,
                        help_text="Whether an organization such as the European Union counts among parties and signatories.",
                        verbose_name="count organizations",
                    ),
                ),
                ("text_url", models.URLField(blank=True, max_length=500, verbose_name="official text")),
                ("source", models.CharField(blank=True, max_length=250, verbose_name="source")),
                ("source_url", models.URLField(blank=True, max_length=500, verbose_name="address of the source")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="status as of")),
                ("published_on", models.DateField(blank=True, null=True, verbose_name="depositary’s own count: as of")),
                (
                    "published_parties",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="parties by that count"),
                ),
                (
                    "published_signatories",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="signatories by that count"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed at")),
            ],
            options={
                "verbose_name": "treaty",
                "verbose_name_plural": "treaties",
                "ordering": ["key"],
                "permissions": [("import_treaty", "Can import treaty status")],
            },
        ),
        migrations.CreateModel(
            name="WorkLease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("until", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "work lease",
                "verbose_name_plural": "work leases",
            },
        ),
        migrations.CreateModel(
            name="CodeAttempts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mailbox", models.BinaryField(max_length=32)),
                ("day", models.DateField()),
                ("count", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "code attempts",
                "verbose_name_plural": "code attempts",
                "constraints": [
                    models.UniqueConstraint(fields=("mailbox", "day"), name="pledge_codeattempts_one_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="EventLinkUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used", models.PositiveIntegerField(default=0, verbose_name="forms")),
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="use",
                        to="wagtail_pledge.partnerlink",
                        verbose_name="event link",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of an event link",
                "verbose_name_plural": "uses of event links",
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "title",
                    models.CharField(
                        help_text="Only your team sees this. Pages have their own titles.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("open", "Open"),
                            ("paused", "Paused"),
                            ("closed", "Closed"),
                            ("delivered", "Delivered"),
                            ("won", "Won"),
                            ("not_won", "Not successful"),
                        ],
                        default="open",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True, verbose_name="opens at")),
                (
                    "closes_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Signing ends automatically at this time.",
                        null=True,
                        verbose_name="closes at",
                    ),
                ),
                (
                    "goal",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many signatures you hope for. If empty, no goal is shown.",
                        null=True,
                        verbose_name="goal",
                    ),
                ),
                (
                    "goal_steps",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="For example, 1000 5000 10000. When one is reached, the next is shown automatically. If empty, the goal does not change.",
                        max_length=200,
                        verbose_name="steps to the goal",
                    ),
                ),
                (
                    "shown_from",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Below this number, pages show no count. If empty, the count is always shown.",
                        null=True,
                        verbose_name="minimum number to show",
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="This country is listed first in the form.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "shared_mailboxes",
                    models.BooleanField(
                        default=False,
                        help_text="Two people with different names can sign with one email address.",
                        verbose_name="allow shared email addresses",
                    ),
                ),
                (
                    "referral_links",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="Counts how many people sign through it. Nobody sees whose link it was, and signers do not see who came.",
                        verbose_name="give signers a personal link",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Days of the counts begin and end in it, for example America/New_York. If empty, the site’s.",
                        max_length=63,
                        validators=[wagtail_pledge.signing.models.pledge.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="archived at"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        default=wagtail.models.media.get_root_collection_id,
                        help_text="Permissions on this collection decide who can see and moderate the signatures.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.collection",
                        verbose_name="collection",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "permissions": [
                    ("moderate_pledge", "Can approve and reject signatures"),
                    ("view_contact_data", "Can see signers’ names and email addresses"),
                ],
            },
        ),
        migrations.AddField(
            model_name="partnerlink",
            name="pledge",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="partner_links",
                to="wagtail_pledge.pledge",
                verbose_name="campaign",
            ),
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "queue",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Campaign has closed"),
                            (1, "Urgent"),
                            (2, "Staff decisions"),
                            (3, "Reminders"),
                            (4, "Held during a surge"),
                            (9, "No email due"),
                        ],
                        db_default=1,
                        default=1,
                        verbose_name="priority",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
                ),
                ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
                ("lease_token", models.UUIDField(null=True, verbose_name="leased by")),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="attempts")),
                (
                    "last_code",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="last response"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created at"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="email")),
                ("signature_uuid", models.UUIDField(verbose_name="signature")),
                ("locale", models.CharField(max_length=16, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "Queued"),
                            ("sent", "Sent"),
                            ("skipped", "Not needed"),
                            ("undeliverable", "Undeliverable"),
                            ("failed", "Failed"),
                            ("expired", "Gave up"),
                        ],
                        default="due",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "email",
                "verbose_name_plural": "emails",
            },
        ),
        migrations.CreateModel(
            name="OrganizationLogo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_uuid", models.UUIDField(verbose_name="signature")),
                ("content", models.BinaryField(default=b"")),
                ("file", models.FileField(blank=True, upload_to="wagtail_pledge/logos", verbose_name="file")),
                ("was_rejected", models.BooleanField(default=False, verbose_name="rejected")),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded at"
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "logo",
                "verbose_name_plural": "logos",
            },
        ),
        migrations.CreateModel(
            name="NetworkRaise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network_key", models.BinaryField(max_length=8)),
                ("until", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "raised limit of a network",
                "verbose_name_plural": "raised limits of networks",
            },
        ),
        migrations.CreateModel(
            name="NetworkPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network_key", models.BinaryField(max_length=8)),
                ("at", models.DateTimeField()),
                ("job", models.UUIDField()),
                ("is_extra", models.BooleanField(db_default=False, default=False)),
                (
                    "pledge",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "network place",
                "verbose_name_plural": "network places",
            },
        ),
        migrations.CreateModel(
            name="MailSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("budget_key", models.BinaryField(max_length=32)),
                ("network_key", models.BinaryField(max_length=8, null=True)),
                ("job", models.UUIDField()),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("outcome", models.CharField(blank=True, default="", max_length=16)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "pledge",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "sent email",
                "verbose_name_plural": "sent emails",
            },
        ),
        migrations.CreateModel(
            name="LinkRequest",
            fields=[
                (
                    "queue",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Campaign has closed"),
                            (1, "Urgent"),
                            (2, "Staff decisions"),
                            (3, "Reminders"),
                            (4, "Held during a surge"),
                            (9, "No email due"),
                        ],
                        db_default=1,
                        default=1,
                        verbose_name="priority",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
                ),
                ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
                ("lease_token", models.UUIDField(null=True, verbose_name="leased by")),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="attempts")),
                (
                    "last_code",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="last response"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created at"
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("payload", models.BinaryField()),
                ("network_key", models.BinaryField(max_length=8, null=True)),
                ("screened_at", models.DateTimeField(null=True, verbose_name="checked at")),
                (
                    "pledge",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a link",
                "verbose_name_plural": "requests for links",
            },
        ),
        migrations.CreateModel(
            name="LimitBucket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network_key", models.BinaryField(max_length=8)),
                ("hour", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit bucket",
                "verbose_name_plural": "limit buckets",
            },
        ),
        migrations.CreateModel(
            name="EmbedOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origin",
                    models.CharField(
                        help_text="For example, https://partner.example. Each subdomain counts as a separate website.",
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
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "website that may embed the form",
                "verbose_name_plural": "websites that may embed the form",
                "ordering": ["origin"],
            },
        ),
        migrations.CreateModel(
            name="DirtyDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "day to recount",
                "verbose_name_plural": "days to recount",
            },
        ),
        migrations.CreateModel(
            name="SignatureEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_uuid", models.UUIDField(verbose_name="signature")),
                ("epoch", models.PositiveSmallIntegerField(default=1, verbose_name="epoch")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("withdrawn", "Withdrawn"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("held", "Marked for review"),
                            ("released", "Marked OK"),
                            ("invalidated", "Marked invalid"),
                            ("links_renewed", "Links renewed"),
                            ("merged", "Merged with an earlier signature of the same mailbox"),
                        ],
                        max_length=16,
                        verbose_name="what happened",
                    ),
                ),
                (
                    "nonce",
                    models.BinaryField(default=wagtail_pledge.signing.models.event.new_nonce, max_length=32, null=True),
                ),
                ("leaf", models.BinaryField(default=b"", max_length=32)),
                ("leaf_index", models.PositiveBigIntegerField(editable=False, null=True)),
                ("statement_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("reason", models.CharField(blank=True, max_length=250, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="at"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature event",
                "verbose_name_plural": "signature events",
            },
        ),
        migrations.CreateModel(
            name="SignerType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=40, verbose_name="type of signer")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                (
                    "approval_required",
                    models.BooleanField(
                        default=False,
                        help_text="A signature counts only after your team approves it.",
                        verbose_name="approval required",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signer_types",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "way to sign",
                "verbose_name_plural": "ways to sign",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SiteColours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "brand",
                    models.CharField(
                        blank=True,
                        help_text="Page header background, and links.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Enter the color as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="brand color",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        blank=True,
                        help_text="Only for the sign button.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Enter the color as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="button color",
                    ),
                ),
                (
                    "brand_dark",
                    models.CharField(
                        blank=True,
                        help_text="If empty, it is based on the brand color.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Enter the color as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="brand color, dark screens",
                    ),
                ),
                (
                    "action_dark",
                    models.CharField(
                        blank=True,
                        help_text="Choose a bright color: the text on it is dark. If empty, it is based on the button color.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A#[0-9a-fA-F]{6}\\Z", "Enter the color as # and six digits, like #3b1245."
                            )
                        ],
                        verbose_name="button color, dark screens",
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
                "verbose_name": "campaign colors",
                "verbose_name_plural": "campaign colors",
            },
        ),
        migrations.CreateModel(
            name="State",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=8, unique=True, verbose_name="party id")),
                ("iso3", models.CharField(blank=True, max_length=3, verbose_name="ISO 3166-1 alpha-3")),
                ("iso2", models.CharField(blank=True, max_length=2, verbose_name="ISO 3166-1 alpha-2")),
                ("m49", models.CharField(blank=True, max_length=3, verbose_name="UN M49")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.state_kind_choices,
                        default="member_state",
                        max_length=16,
                        verbose_name="type",
                    ),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ceased to exist on")),
            ],
            options={
                "verbose_name": "State",
                "verbose_name_plural": "States",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("iso3", ""), _negated=True),
                        fields=("iso3",),
                        name="pledge_state_one_per_iso3",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StateAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "normalized",
                    models.CharField(editable=False, max_length=120, unique=True, verbose_name="name for matching"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.alias_kind_choices,
                        default="variant",
                        max_length=16,
                        verbose_name="type",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="wagtail_pledge.state",
                        verbose_name="State",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a State",
                "verbose_name_plural": "names of States",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("locale", models.CharField(max_length=16, verbose_name="language")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(verbose_name="statement text")),
                ("consent", models.JSONField(default=dict, verbose_name="consent texts")),
                ("questions", models.JSONField(blank=True, default=list, verbose_name="questions")),
                ("optional_fields", models.JSONField(blank=True, default=dict, verbose_name="fields")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="published at",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "signer_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="wagtail_pledge.signertype",
                        verbose_name="way to sign",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "ordering": ["signer_type", "locale", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("kind", models.CharField(max_length=40, verbose_name="type of signer")),
                ("locale", models.CharField(max_length=16, verbose_name="language")),
                ("epoch", models.PositiveSmallIntegerField(default=1, verbose_name="epoch")),
                ("link_epoch", models.PositiveSmallIntegerField(db_default=1, default=1, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("withdrawn", "Withdrawn"), ("anonymised", "Anonymized")],
                        default="confirmed",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "review",
                    models.CharField(
                        choices=[("ok", "OK"), ("needs_review", "Needs review"), ("invalid", "Invalid")],
                        default="ok",
                        max_length=16,
                        verbose_name="check",
                    ),
                ),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("not_needed", "Not needed"),
                            ("waiting", "Waiting for approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                        ],
                        default="not_needed",
                        max_length=16,
                        verbose_name="approval",
                    ),
                ),
                ("mailbox_key", models.BinaryField(max_length=32, null=True)),
                ("mailbox_key_next", models.BinaryField(max_length=32, null=True)),
                ("seat", models.BinaryField(default=b"", max_length=32)),
                ("name_key", models.BinaryField(max_length=32, null=True)),
                ("email", wagtail_pledge.models.EncryptedTextField(context="signature", verbose_name="email")),
                ("name", wagtail_pledge.models.EncryptedTextField(context="signature", verbose_name="name")),
                ("details", wagtail_pledge.models.EncryptedJSONField(context="signature", verbose_name="details")),
                ("answers", wagtail_pledge.models.EncryptedJSONField(context="signature", verbose_name="answers")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "display",
                    models.CharField(
                        choices=[
                            ("hidden", "Not shown on the website"),
                            ("initials", "Initials and country"),
                            ("name", "Name"),
                            ("name_place", "Name and place"),
                        ],
                        default="hidden",
                        max_length=16,
                        verbose_name="how the name appears",
                    ),
                ),
                ("public_name", models.CharField(blank=True, max_length=260, verbose_name="name on the website")),
                ("consent_sign", models.BooleanField(default=False, verbose_name="agreed to sign")),
                ("consent_display", models.BooleanField(default=False, verbose_name="agreed to be shown")),
                ("consent_updates", models.BooleanField(default=False, verbose_name="agreed to updates")),
                (
                    "consent_partner",
                    models.BooleanField(default=False, verbose_name="agreed to be shared with a partner"),
                ),
                ("source", models.CharField(blank=True, db_default="", max_length=40, verbose_name="source")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="signed at"
                    ),
                ),
                ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="confirmed at")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "signer_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.signertype",
                        verbose_name="way to sign",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtail_pledge.statement",
                        verbose_name="statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "abstract": False,
                "swappable": "WAGTAIL_PLEDGE_SIGNATURE_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "queue",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Campaign has closed"),
                            (1, "Urgent"),
                            (2, "Staff decisions"),
                            (3, "Reminders"),
                            (4, "Held during a surge"),
                            (9, "No email due"),
                        ],
                        db_default=1,
                        default=1,
                        verbose_name="priority",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
                ),
                ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
                ("lease_token", models.UUIDField(null=True, verbose_name="leased by")),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="attempts")),
                (
                    "last_code",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="last response"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created at"
                    ),
                ),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40, verbose_name="type of signer")),
                ("mailbox_key", models.BinaryField(max_length=32)),
                ("seat", models.BinaryField(max_length=32)),
                ("payload", models.BinaryField()),
                (
                    "submitted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="signed at"
                    ),
                ),
                ("network_key", models.BinaryField(max_length=8, null=True)),
                ("signals", models.CharField(blank=True, db_default="", max_length=400, verbose_name="signals")),
                ("screened_at", models.DateTimeField(null=True, verbose_name="checked at")),
                (
                    "review",
                    models.CharField(
                        choices=[("ok", "OK"), ("needs_review", "Needs review"), ("invalid", "Invalid")],
                        default="ok",
                        max_length=16,
                        verbose_name="check",
                    ),
                ),
                ("review_reason", models.CharField(blank=True, db_default="", max_length=60, verbose_name="reason")),
                ("mail", models.CharField(blank=True, db_default="", max_length=40, verbose_name="email")),
                ("mailed_at", models.DateTimeField(null=True, verbose_name="first email at")),
                ("last_mail", models.CharField(blank=True, db_default="", max_length=40, verbose_name="last email")),
                ("resends", models.PositiveSmallIntegerField(db_default=0, verbose_name="times asked for again")),
                ("reminders", models.PositiveSmallIntegerField(db_default=0, verbose_name="reminders")),
                ("reminder_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("moves", models.PositiveSmallIntegerField(db_default=0)),
                ("moved_from", models.UUIDField(null=True)),
                ("moved_to", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("superseded", "Another form was confirmed"),
                            ("not_me", "Not sent by the owner of the address"),
                            ("expired", "Not confirmed in time"),
                            ("let_go", "Removed by staff"),
                        ],
                        db_default="",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("signature_uuid", models.UUIDField(null=True, verbose_name="signature")),
                ("link_epoch", models.PositiveSmallIntegerField(db_default=1)),
                (
                    "pledge",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=wagtail_pledge.signing.models.submission.PROTECT_OPEN,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "signer_type",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=wagtail_pledge.signing.models.submission.PROTECT_OPEN,
                        related_name="+",
                        to="wagtail_pledge.signertype",
                        verbose_name="way to sign",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=wagtail_pledge.signing.models.submission.PROTECT_OPEN,
                        related_name="+",
                        to="wagtail_pledge.statement",
                        verbose_name="statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "submission",
                "verbose_name_plural": "submissions",
            },
        ),
        migrations.CreateModel(
            name="SubmissionOutcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("outcome", models.CharField(max_length=16, verbose_name="outcome")),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "outcome of submissions",
                "verbose_name_plural": "outcomes of submissions",
            },
        ),
        migrations.CreateModel(
            name="Switch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20, unique=True, verbose_name="switch")),
                ("is_on", models.BooleanField(default=False, verbose_name="on")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="changed at"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "switch",
                "verbose_name_plural": "switches",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("kind", models.CharField(max_length=40, verbose_name="type of signer")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                (
                    "counted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="counted at"
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "tally",
                "verbose_name_plural": "tallies",
            },
        ),
        migrations.CreateModel(
            name="TreatyAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.act_choices, max_length=32, verbose_name="act"
                    ),
                ),
                ("date", models.DateField(blank=True, null=True, verbose_name="date")),
                ("effect_date", models.DateField(blank=True, null=True, verbose_name="takes effect on")),
                ("named_as", models.CharField(blank=True, max_length=120, verbose_name="named in the source as")),
                (
                    "has_declarations",
                    models.BooleanField(blank=True, null=True, verbose_name="with declarations or reservations"),
                ),
                ("source", models.CharField(blank=True, max_length=250, verbose_name="source")),
                (
                    "confidence",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.confidence_choices,
                        default="high",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="wagtail_pledge.state",
                        verbose_name="State",
                    ),
                ),
                (
                    "treaty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="wagtail_pledge.treaty",
                        verbose_name="treaty",
                    ),
                ),
            ],
            options={
                "verbose_name": "treaty action",
                "verbose_name_plural": "treaty actions",
                "ordering": ["date", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TreatyDeclaration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.declaration_kind_choices,
                        max_length=16,
                        verbose_name="type",
                    ),
                ),
                (
                    "article",
                    models.CharField(
                        blank=True,
                        help_text="As in the treaty, such as “77” or “22(5), 48(2)”.",
                        max_length=60,
                        verbose_name="article",
                    ),
                ),
                ("date", models.DateField(blank=True, null=True, verbose_name="date")),
                ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="withdrawn on")),
                ("text", models.TextField(blank=True, verbose_name="text or summary")),
                ("source", models.CharField(blank=True, max_length=250, verbose_name="source")),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="wagtail_pledge.state",
                        verbose_name="State",
                    ),
                ),
                (
                    "treaty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="declarations",
                        to="wagtail_pledge.treaty",
                        verbose_name="treaty",
                    ),
                ),
            ],
            options={
                "verbose_name": "declaration",
                "verbose_name_plural": "declarations",
                "ordering": ["article", "date", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TreatyImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=wagtail_pledge.treaties.enums.import_state_choices,
                        default="proposed",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("source", models.CharField(max_length=40, verbose_name="format")),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("file_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("as_of", models.DateField(verbose_name="status as of")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                ("parsed_list", models.JSONField(default=dict, editable=False)),
                ("changes", models.JSONField(default=list, editable=False)),
                ("counts", models.JSONField(default=dict, editable=False)),
                ("previous_status", models.JSONField(default=dict, editable=False)),
                ("base_fingerprint", models.CharField(editable=False, max_length=64)),
                ("result_fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "treaty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="wagtail_pledge.treaty",
                        verbose_name="treaty",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import of treaty status",
                "verbose_name_plural": "imports of treaty status",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TreatyName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(help_text="Language code, such as “es”.", max_length=16, verbose_name="language"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name in a sentence")),
                ("title", models.CharField(max_length=400, verbose_name="official title")),
                (
                    "treaty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="wagtail_pledge.treaty",
                        verbose_name="treaty",
                    ),
                ),
            ],
            options={
                "verbose_name": "treaty’s name",
                "verbose_name_plural": "treaty’s names",
            },
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_at__isnull", True),
                    ("closes_at__isnull", True),
                    ("opens_at__lt", models.F("closes_at")),
                    _connector="OR",
                ),
                name="pledge_opens_before_it_closes",
                violation_error_message="The closing time must come after the opening time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerlink",
            constraint=models.UniqueConstraint(fields=("pledge", "slug"), name="pledge_partner_link_once"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["queue", "due_at"], name="pledge_outbox_due"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["pledge", "signature_uuid"], name="pledge_outbox_of_signature"),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "due")),
                fields=("pledge", "signature_uuid", "kind"),
                name="pledge_outbox_one_due_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationlogo",
            constraint=models.UniqueConstraint(fields=("pledge", "signature_uuid"), name="pledge_logo_one_a_signature"),
        ),
        migrations.AddConstraint(
            model_name="networkraise",
            constraint=models.UniqueConstraint(fields=("pledge", "network_key"), name="pledge_networkraise_once"),
        ),
        migrations.AddIndex(
            model_name="networkplace",
            index=models.Index(fields=["network_key", "at"], name="pledge_networkplace_at"),
        ),
        migrations.AddIndex(
            model_name="mailsent",
            index=models.Index(fields=["budget_key", "sent_at"], name="pledge_mailsent_budget"),
        ),
        migrations.AddIndex(
            model_name="linkrequest",
            index=models.Index(fields=["queue", "due_at"], name="pledge_linkrequest_due"),
        ),
        migrations.AddIndex(
            model_name="limitbucket",
            index=models.Index(fields=["hour"], name="pledge_limit_hour"),
        ),
        migrations.AddConstraint(
            model_name="limitbucket",
            constraint=models.UniqueConstraint(
                fields=("pledge", "network_key", "hour"), name="pledge_limit_one_per_hour"
            ),
        ),
        migrations.AddIndex(
            model_name="signatureevent",
            index=models.Index(fields=["pledge", "signature_uuid"], name="pledge_event_of_signature"),
        ),
        migrations.AddConstraint(
            model_name="signatureevent",
            constraint=models.UniqueConstraint(fields=("pledge", "leaf_index"), name="pledge_event_index_once"),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["sha256"], name="pledge_statement_sha256"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                fields=("signer_type", "locale", "number"), name="pledge_statement_number_once_per_type_and_locale"
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                models.F("confirmed_at"),
                models.F("pledge"),
                condition=models.Q(("state", "confirmed")),
                name="wagtail__signatur_counting",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("approval", "waiting"), ("state", "confirmed")),
                fields=["pledge"],
                name="wagtail__signatur_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False), ("consent_display", True), ("review", "ok")),
                fields=["pledge", "-confirmed_at"],
                name="wagtail__signatur_shown",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("organization__isnull", False)), fields=["pledge"], name="wagtail__signatur_orgs"
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(fields=["pledge", "name_key"], name="wagtail__signatur_name"),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("source", ""), _negated=True),
                fields=["pledge", "source"],
                name="wagtail__signatur_source",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(fields=["pledge", "-id"], name="wagtail__signatur_newest"),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("pledge", "kind", "mailbox_key", "seat"), name="wagtail_pledge_signature_one_per_mailbox"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("pledge", "kind", "mailbox_key_next", "seat"),
                name="wagtail_pledge_signature_one_per_mailbox_next",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(fields=("pledge", "uuid"), name="wagtail_pledge_signature_uuid"),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True), ("confirmed_at__isnull", False), _connector="OR"
                ),
                name="wagtail_pledge_signature_confirmed_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["pledge", "mailbox_key"], name="pledge_submission_mailbox"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["queue", "due_at"], name="pledge_submission_due"),
        ),
        migrations.AddConstraint(
            model_name="submissionoutcome",
            constraint=models.UniqueConstraint(fields=("pledge", "day", "outcome"), name="pledge_outcome_one_per_day"),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(
                fields=("pledge", "day", "kind", "country"), name="pledge_tally_one_per_bucket"
            ),
        ),
        migrations.AddIndex(
            model_name="treatyaction",
            index=models.Index(fields=["treaty", "date"], name="pledge_treatyaction_until"),
        ),
        migrations.AddConstraint(
            model_name="treatyaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("date__isnull", False)),
                fields=("treaty", "party", "action", "date"),
                name="pledge_treatyaction_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatyaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("date__isnull", True)),
                fields=("treaty", "party", "action"),
                name="pledge_treatyaction_once_undated",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatyaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("date__isnull", False), ("action__in", ["withdrawal", "withdrawal_of_signature"]), _connector="OR"
                ),
                name="pledge_treatyaction_dated_unless_withdrawn",
                violation_error_message="Only a withdrawal may have no date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatydeclaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "acceptance"), _negated=True),
                    models.Q(("article", ""), _negated=True),
                    _connector="OR",
                ),
                name="pledge_treatydeclaration_accepts_an_article",
                violation_error_message="Name the article that the State accepts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatydeclaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_on__isnull", True),
                    ("date__isnull", True),
                    ("withdrawn_on__gte", models.F("date")),
                    _connector="OR",
                ),
                name="pledge_treatydeclaration_withdrawn_later",
                violation_error_message="It cannot be withdrawn before it was made.",
            ),
        ),
        migrations.AddIndex(
            model_name="treatyimport",
            index=models.Index(fields=["treaty", "state"], name="pledge_treatyimport_state"),
        ),
        migrations.AddConstraint(
            model_name="treatyname",
            constraint=models.UniqueConstraint(
                fields=("treaty", "language"), name="pledge_treatyname_one_per_language"
            ),
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "office",
                    models.CharField(
                        help_text="For example, President of the Republic, or Committee on Labor.",
                        max_length=160,
                        verbose_name="office",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="Leave empty if you mean the office, whoever holds it.",
                        max_length=120,
                        verbose_name="name",
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        blank=True, help_text="For example, a country or a city.", max_length=160, verbose_name="place"
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=500, verbose_name="contact page")),
                (
                    "email",
                    models.EmailField(
                        blank=True, help_text="Pages show it.", max_length=254, verbose_name="public email address"
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("address", models.TextField(blank=True, max_length=400, verbose_name="postal address")),
                (
                    "position",
                    models.CharField(
                        choices=wagtail_pledge.delivery.enums.position_choices,
                        default="unknown",
                        max_length=16,
                        verbose_name="position",
                    ),
                ),
                ("position_on", models.DateField(blank=True, null=True, verbose_name="position as of")),
                (
                    "position_source",
                    models.URLField(
                        blank=True,
                        help_text="Web address where it can be checked.",
                        max_length=500,
                        verbose_name="source of the position",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        default=wagtail.models.media.get_root_collection_id,
                        help_text="Permissions on this collection decide who can choose and change the decision-maker.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.collection",
                        verbose_name="collection",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision-maker",
                "verbose_name_plural": "decision-makers",
                "ordering": ["office", "name", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RecipientTranslation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=16,
                        validators=[wagtail_pledge.delivery.models.validate_language],
                        verbose_name="language",
                    ),
                ),
                ("office", models.CharField(max_length=160, verbose_name="office")),
                ("place", models.CharField(blank=True, max_length=160, verbose_name="place")),
                (
                    "recipient",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="wagtail_pledge.recipient",
                    ),
                ),
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PledgeRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                (
                    "pledge",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pledges",
                        to="wagtail_pledge.recipient",
                        verbose_name="decision-maker",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign that urges the decision-maker",
                "verbose_name_plural": "campaigns that urge the decision-maker",
                "ordering": ["sort_order"],
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DecisionStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="order"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="For example, “The committee votes on the bill”.",
                        max_length=160,
                        verbose_name="stage",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=400, verbose_name="explanation")),
                (
                    "state",
                    models.CharField(
                        choices=wagtail_pledge.delivery.enums.stage_state_choices,
                        default="not_started",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decision_stages",
                        to="wagtail_pledge.pledge",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stages",
                        to="wagtail_pledge.recipient",
                        verbose_name="who can move it",
                    ),
                ),
            ],
            options={
                "verbose_name": "stage of a decision",
                "verbose_name_plural": "stages of a decision",
                "ordering": ["position", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StageTranslation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=16,
                        validators=[wagtail_pledge.delivery.models.validate_language],
                        verbose_name="language",
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="stage")),
                ("text", models.CharField(blank=True, max_length=400, verbose_name="explanation")),
                (
                    "stage",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="wagtail_pledge.decisionstage",
                    ),
                ),
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StageEvidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="date")),
                ("text", models.CharField(max_length=400, verbose_name="what happened")),
                (
                    "source",
                    models.URLField(
                        help_text="Web address where it can be checked.", max_length=500, verbose_name="source"
                    ),
                ),
                (
                    "stage",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="wagtail_pledge.decisionstage",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["-day", "-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="EvidenceTranslation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=16,
                        validators=[wagtail_pledge.delivery.models.validate_language],
                        verbose_name="language",
                    ),
                ),
                ("text", models.CharField(max_length=400, verbose_name="what happened")),
                (
                    "evidence",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="wagtail_pledge.stageevidence",
                    ),
                ),
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("approval", "approved")),
                fields=["pledge", "kind"],
                name="wagtail__signatur_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("position", "unknown"),
                    models.Q(("position_on__isnull", False), models.Q(("position_source", ""), _negated=True)),
                    _connector="OR",
                ),
                name="pledge_recipient_position_has_source",
                violation_error_message="A position needs its date and its source.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgerecipient",
            constraint=models.UniqueConstraint(fields=("pledge", "recipient"), name="pledge_recipient_once_a_pledge"),
        ),
        migrations.AddConstraint(
            model_name="recipienttranslation",
            constraint=models.UniqueConstraint(
                fields=("recipient", "language"), name="pledge_recipient_one_per_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencetranslation",
            constraint=models.UniqueConstraint(
                fields=("evidence", "language"), name="pledge_evidence_one_per_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagetranslation",
            constraint=models.UniqueConstraint(fields=("stage", "language"), name="pledge_stage_one_per_language"),
        ),
    ]
