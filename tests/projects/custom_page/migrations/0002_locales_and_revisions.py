"""Add locale, translation key and revisions, now that Wagtail has created the tables that they refer to."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from wagtail.models import BootstrapLocaleField, BootstrapTranslatableModel, BootstrapTranslationKeyField


def revision(name):
    return migrations.AddField(
        model_name="basepage",
        name=name.replace(" ", "_"),
        field=models.ForeignKey(
            blank=True,
            editable=False,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="wagtailcore.revision",
            verbose_name=name,
        ),
    )


class Migration(migrations.Migration):
    # PostgreSQL can't alter a table while changes of its rows in the same transaction are pending
    atomic = False

    dependencies = [
        ("custom_page", "0001_base_page"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        BootstrapLocaleField("custom_page.BasePage"),
        BootstrapTranslationKeyField("custom_page.BasePage"),
        BootstrapTranslatableModel("custom_page.BasePage"),
        migrations.AlterField(
            model_name="basepage",
            name="locale",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AlterField(
            model_name="basepage",
            name="translation_key",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AlterUniqueTogether(name="basepage", unique_together={("translation_key", "locale")}),
        revision("latest revision"),
        revision("live revision"),
    ]
