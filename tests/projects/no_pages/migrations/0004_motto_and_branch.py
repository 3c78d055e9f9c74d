"""Fields of the site's own on its signer-type page, which is now made from the package's abstract page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("no_pages", "0003_signer_questions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="joinpage",
            options={"verbose_name": "signer-type page", "verbose_name_plural": "signer-type pages"},
        ),
        migrations.AddField(
            model_name="joinpage",
            name="motto",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="joinpage",
            name="branch",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
