"""Public API: choosing a campaign in forms of a site.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.admin.pledge_chooser import PledgeChooserField, pledge_chooser

__all__ = ["PledgeChooserField", "pledge_chooser"]
