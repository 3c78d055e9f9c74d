"""Load the table of States and their spellings."""

from django.db import migrations

from wagtail_pledge.treaties.importing.reference_data import load_states


def load(apps, _schema_editor):
    """Write the States that the package ships; repeatable."""
    load_states(apps.get_model("wagtail_pledge", "State"), apps.get_model("wagtail_pledge", "StateAlias"))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("wagtail_pledge", "0001_initial")]

    # The tables go with 0001; rows that a site has added are not ours to remove.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
