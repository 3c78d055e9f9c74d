"""The concrete page types, for sites that are content with ours."""

from __future__ import annotations

from typing import ClassVar

from wagtail_pledge.campaigns.page_types.index import AbstractPledgeIndexPage
from wagtail_pledge.campaigns.page_types.pledge import AbstractPledgePage
from wagtail_pledge.campaigns.page_types.signer_type import AbstractSignerTypePage
from wagtail_pledge.campaigns.page_types.treaty_status import AbstractTreatyStatusPage
from wagtail_pledge.campaigns.page_types.update import AbstractUpdatePage


class PledgeIndexPage(AbstractPledgeIndexPage):
    """Lists the campaigns below it."""

    class Meta(AbstractPledgeIndexPage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class PledgePage(AbstractPledgePage):
    """Shows one pledge; signer-type pages and updates go below it."""

    subpage_types: ClassVar[list[str]] = ["wagtail_pledge_pages.SignerTypePage", "wagtail_pledge_pages.UpdatePage"]

    class Meta(AbstractPledgePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class SignerTypePage(AbstractSignerTypePage):
    """Shows one way to sign the pledge above it."""

    parent_page_types: ClassVar[list[str]] = ["wagtail_pledge_pages.PledgePage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta(AbstractSignerTypePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class UpdatePage(AbstractUpdatePage):
    """Tells what is new about the campaign above it."""

    parent_page_types: ClassVar[list[str]] = ["wagtail_pledge_pages.PledgePage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta(AbstractUpdatePage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"


class TreatyStatusPage(AbstractTreatyStatusPage):
    """Shows where the States stand towards one treaty."""

    class Meta(AbstractTreatyStatusPage.Meta):
        abstract = False
        app_label = "wagtail_pledge_pages"
