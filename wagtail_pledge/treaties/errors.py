"""Exceptions of this package, with translated messages."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.treaties.formatting import format_date


class TreatyError(PledgeError):
    """Base class of this package's exceptions."""


class UnknownTreaty(TreatyError):
    """No treaty has that key."""

    def __init__(self, key: str) -> None:
        super().__init__("unknown_treaty", _("There is no treaty with the key “%(key)s”.") % {"key": key})


class AsOfError(TreatyError):
    """Base class: the treaty has no status on the requested day."""


class InvalidDate(AsOfError):
    """The text is not a date in the format YYYY-MM-DD."""

    def __init__(self, text: str) -> None:
        message = _("“%(text)s” is not a date. Write it as YYYY-MM-DD, such as 2016-12-18.")
        super().__init__("not_a_date", message % {"text": text[:40]})


class BeforeAdoption(AsOfError):
    """The day is before the treaty's adoption."""

    def __init__(self, adopted_on: dt.date) -> None:
        message = _("The treaty was adopted on %(date)s: it has no status before that day.")
        super().__init__("before_adoption", message % {"date": format_date(adopted_on)})


class FutureDate(AsOfError):
    """The day is in the future."""

    def __init__(self, today: dt.date) -> None:
        message = _("That day is in the future. The latest day you can choose is today, %(date)s.")
        super().__init__("in_the_future", message % {"date": format_date(today)})


class NoTreatyData(AsOfError):
    """Nothing was imported yet, so counts of zero would be wrong."""

    def __init__(self) -> None:
        super().__init__("no_data", _("No status data has been imported for this treaty yet."))
