"""Concrete page types, for sites that do not define their own."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from wagtail_pledge.campaigns.page_types.index import AbstractPledgeIndexPage
from wagtail_pledge.campaigns.page_types.pledge import AbstractPledgePage
from wagtail_pledge.campaigns.page_types.signer_type import AbstractSignerTypePage
from wagtail_pledge.campaigns.page_types.treaty_status import AbstractTreatyStatusPage
from wagtail_pledge.campaigns.page_types.update import AbstractUpdatePage

# Wagtail would list the page types, and not find the app that they name
if not apps.is_installed("wagtail_pledge.pages"):
    message = "To use the package's page types, add 'wagtail_pledge.pages' to INSTALLED_APPS."
    raise ImproperlyConfigured(message)


class PledgeIndexPage(AbstractPledgeIndexPage):
    """Page that lists the campaigns below it."""

    class Meta(AbstractPledgeIndexPage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class PledgePage(AbstractPledgePage):
    """Page of one pledge; signer-type pages and updates are its children."""

    subpage_types: ClassVar[list[str]] = ["wagtail_pledge_pages.SignerTypePage", "wagtail_pledge_pages.UpdatePage"]

    class Meta(AbstractPledgePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class SignerTypePage(AbstractSignerTypePage):
    """Page of one way to sign the pledge of its parent."""

    parent_page_types: ClassVar[list[str]] = ["wagtail_pledge_pages.PledgePage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta(AbstractSignerTypePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class UpdatePage(AbstractUpdatePage):
    """Page with news about the campaign of its parent."""

    parent_page_types: ClassVar[list[str]] = ["wagtail_pledge_pages.PledgePage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta(AbstractUpdatePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class TreatyStatusPage(AbstractTreatyStatusPage):
    """Page with the status of one treaty by State."""

    class Meta(AbstractTreatyStatusPage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"
