"""The campaign for the Migrant Workers Convention, as a site built on wagtail-pledge."""
