"""The example site: a campaign for the Migrant Workers Convention, built with wagtail-pledge."""
