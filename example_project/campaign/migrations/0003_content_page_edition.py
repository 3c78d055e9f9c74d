from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0002_home_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="contentpage",
            name="edition",
            field=models.DateField(
                blank=True,
                help_text=(
                    "The PDF that pledge_summary_pdf makes from the text shows it. Change it together with the text."
                ),
                null=True,
                verbose_name="date of the text",
            ),
        ),
    ]
