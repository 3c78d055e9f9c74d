"""What an import did or would do, in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_pledge.treaties.enums import Act, counted
from wagtail_pledge.treaties.models import TreatyAction
from wagtail_pledge.treaties.sources.base import ErrorLine
from wagtail_pledge.treaties.words import date_in_words


class ChangeKind(Enum):
    """What happens to an act. The value stands before it in the diff."""

    ADDED = "+"
    REMOVED = "−"  # noqa: RUF001 - a minus sign
    CHANGED = "±"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One act that differs between the file and the database; ``fields`` are those of a changed one."""

    kind: ChangeKind
    act: Act
    party: str
    name: str
    date: dt.date | None
    fields: tuple[str, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """What ``fields`` are called in the active language."""
        return tuple(str(TreatyAction._meta.get_field(name).verbose_name) for name in self.fields)  # type: ignore[union-attr]

    def __str__(self) -> str:
        values = {
            "name": self.name,
            "date": date_in_words(self.date) if self.date else pgettext("date", "not known"),
            "details": ", ".join(self.details),
        }
        pattern = _("%(name)s (%(date)s: %(details)s)") if self.details else _("%(name)s (%(date)s)")
        return pattern % values


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The outcome of one import. With any error line nothing was written; ``written`` says whether anything was."""

    treaty: str
    as_of: dt.date | None
    dry_run: bool
    written: bool
    errors: tuple[ErrorLine, ...] = ()
    changes: tuple[Change, ...] = ()
    parties: int | None = None
    signatories: int | None = None
    signed_only: int | None = None

    @property
    def is_ok(self) -> bool:
        """True if the file could be read whole and agrees with itself."""
        return not self.errors

    def diff(self) -> Iterator[str]:
        """Yield the difference in words: see :func:`diff_lines`."""
        return diff_lines(self.changes)


def diff_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield one line a kind of change: "+2 accessions: Chad (14 May 2026), Mali (5 June 2026)"."""
    groups: dict[tuple[ChangeKind, Act], list[Change]] = defaultdict(list)
    for change in changes:
        groups[change.kind, change.act].append(change)
    for kind in ChangeKind:
        for act in Act:
            if found := groups.get((kind, act)):
                yield _line(kind, act, found)


def _line(kind: ChangeKind, act: Act, changes: Iterable[Change]) -> str:
    said = [str(change) for change in changes]
    values = {"sign": kind.value, "acts": counted(act, len(said)), "names": ", ".join(said)}
    return _("%(sign)s%(acts)s: %(names)s") % values
