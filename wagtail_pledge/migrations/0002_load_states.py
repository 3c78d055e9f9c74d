"""Load the States, former States and their names that the package ships."""

from django.db import migrations

from wagtail_pledge.conf import get_setting
from wagtail_pledge.treaties.importing.reference_data import load_states


def load(apps, _schema_editor):
    """Create or update the States of the package; can be repeated. Not on a site without treaties."""
    if not get_setting("TREATIES"):
        return
    load_states(apps.get_model("wagtail_pledge", "State"), apps.get_model("wagtail_pledge", "StateAlias"))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("wagtail_pledge", "0001_initial")]

    # Reversing 0001 drops the tables; rows that a site has added stay until then.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
