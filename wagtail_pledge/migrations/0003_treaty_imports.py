"""Imports of treaty status as reviewed acts, withdrawn signatures, former States, organizations counted or not."""

import django.db.models.deletion
import uuid
import wagtail_pledge.treaties.enums
from django.conf import settings
from django.db import migrations, models


def forget_undated(apps, _schema_editor):
    """Backwards: the older constraint allows no withdrawal of a signature without a date."""
    acts = apps.get_model("wagtail_pledge", "TreatyAction").objects
    acts.filter(action="withdrawal_of_signature", date__isnull=True).delete()


class Migration(migrations.Migration):
    """Schema only, but for what the older constraint would refuse."""

    dependencies = [
        ("wagtail_pledge", "0002_load_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                        verbose_name="state",
                    ),
                ),
                ("source", models.CharField(max_length=40, verbose_name="format")),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("file_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("as_of", models.DateField(verbose_name="status as of")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                ("listed", models.JSONField(default=dict, editable=False)),
                ("changes", models.JSONField(default=list, editable=False)),
                ("counts", models.JSONField(default=dict, editable=False)),
                ("earlier", models.JSONField(default=dict, editable=False)),
                ("base", models.CharField(editable=False, max_length=64)),
                ("result", models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "import of treaty status",
                "verbose_name_plural": "imports of treaty status",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="treaty",
            options={
                "ordering": ["key"],
                "permissions": [("import_treaty", "Can import treaty status")],
                "verbose_name": "treaty",
                "verbose_name_plural": "treaties",
            },
        ),
        migrations.RemoveConstraint(
            model_name="treatyaction",
            name="pledge_treatyaction_dated_unless_withdrawn",
        ),
        migrations.AddField(
            model_name="state",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="ceased to exist on"),
        ),
        migrations.AddField(
            model_name="treaty",
            name="counts_organizations",
            field=models.BooleanField(
                default=True,
                help_text="Whether an organization such as the European Union counts among parties and signatories.",
                verbose_name="count organizations",
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
        migrations.RunPython(migrations.RunPython.noop, forget_undated),
        migrations.AddField(
            model_name="treatyimport",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="treatyimport",
            name="treaty",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="imports",
                to="wagtail_pledge.treaty",
                verbose_name="treaty",
            ),
        ),
        migrations.AddField(
            model_name="treatyimport",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="undone by",
            ),
        ),
        migrations.AddField(
            model_name="treatyimport",
            name="uploaded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="uploaded by",
            ),
        ),
        migrations.AddIndex(
            model_name="treatyimport",
            index=models.Index(fields=["treaty", "state"], name="pledge_treatyimport_state"),
        ),
    ]
