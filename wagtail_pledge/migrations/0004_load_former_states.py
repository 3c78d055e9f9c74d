"""Load the table of States again: former States with their last day, and the French spellings."""

from django.db import migrations

from wagtail_pledge.treaties.importing.reference_data import load_states


def load(apps, _schema_editor):
    """Write the States that the package ships; repeatable."""
    load_states(apps.get_model("wagtail_pledge", "State"), apps.get_model("wagtail_pledge", "StateAlias"))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("wagtail_pledge", "0003_treaty_imports")]

    # Rows stay: acts may point at them, and 0001 takes the tables away.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
