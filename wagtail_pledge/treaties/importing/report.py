"""Report on an import: its errors, its changes and the new counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_pledge.treaties.enums import Act, count_label
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.models import TreatyAction
from wagtail_pledge.treaties.sources.base import ErrorLine


class ChangeKind(Enum):
    """Kinds of changes. The value is the sign in front of the acts in the diff."""

    ADDED = "+"
    REMOVED = "−"  # noqa: RUF001 - a minus sign
    CHANGED = "±"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One act that differs between the list and the database. ``fields`` names the changed model fields."""

    kind: ChangeKind
    act: Act
    party: str
    name: str
    date: dt.date | None
    fields: tuple[str, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """The verbose names of ``fields`` in the active language."""
        return tuple(str(TreatyAction._meta.get_field(name).verbose_name) for name in self.fields)  # type: ignore[union-attr]

    def __str__(self) -> str:
        values = {
            "name": self.name,
            "date": format_date(self.date) if self.date else pgettext("date", "not known"),
            "details": ", ".join(self.details),
        }
        pattern = _("%(name)s (%(date)s: %(details)s)") if self.details else _("%(name)s (%(date)s)")
        return pattern % values


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Result of an import or dry run. ``written`` is true if acts were changed; never with errors.

    ``notes`` are lines about what the file contains but the import leaves out. The counts are
    ``None`` if the list was not compared with the stored acts.
    """

    treaty: str
    as_of: dt.date | None
    dry_run: bool
    written: bool
    errors: tuple[ErrorLine, ...] = ()
    notes: tuple[ErrorLine, ...] = ()
    changes: tuple[Change, ...] = ()
    parties: int | None = None
    signatories: int | None = None
    signed_only: int | None = None

    @property
    def is_ok(self) -> bool:
        """True if there are no errors."""
        return not self.errors

    def diff(self) -> Iterator[str]:
        """Yield the changes as text: see :func:`diff_lines`."""
        return diff_lines(self.changes)


def diff_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield one line per kind of change and act: "+2 accessions: Chad (14 May 2026), Mali (5 June 2026)"."""
    groups: dict[tuple[ChangeKind, Act], list[Change]] = defaultdict(list)
    for change in changes:
        groups[change.kind, change.act].append(change)
    for kind in ChangeKind:
        for act in Act:
            if group := groups.get((kind, act)):
                yield _line(kind, act, group)


def _line(kind: ChangeKind, act: Act, changes: Iterable[Change]) -> str:
    names = [str(change) for change in changes]
    values = {"sign": kind.value, "acts": count_label(act, len(names)), "names": ", ".join(names)}
    return _("%(sign)s%(acts)s: %(names)s") % values
