"""Partner links of a pledge, and the word that a signature came with."""

import django.core.validators
import django.db.models.deletion
import modelcluster.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_pledge", "0007_embed_origins"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartnerLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        help_text="Like peace-union, for links that end in ?source=peace-union. Signatures keep the word they came with.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]{0,39}\\Z", "Use small letters from a to z, digits and hyphens only."
                            )
                        ],
                        verbose_name="word in the link",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="For people who work on the campaign.", max_length=120, verbose_name="name"
                    ),
                ),
            ],
            options={
                "verbose_name": "partner link",
                "verbose_name_plural": "partner links",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.AddField(
            model_name="signature",
            name="source",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="source"),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("source", ""), _negated=True),
                fields=["pledge", "source"],
                name="wagtail__signatur_source",
            ),
        ),
        migrations.AddField(
            model_name="partnerlink",
            name="pledge",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="partner_links",
                to="wagtail_pledge.pledge",
                verbose_name="pledge",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerlink",
            constraint=models.UniqueConstraint(fields=("pledge", "slug"), name="pledge_partner_link_once"),
        ),
    ]
