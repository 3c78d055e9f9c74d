"""Freezing what is shown, and finding it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from wagtail_pledge.core.db import Prepared
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.models.statement import statement_digest
from wagtail_pledge.signing.services.switches import SIGNING, surge_holds, switch_holds

#: Nothing else reaches the database: PostgreSQL refuses a NUL, and a lost database is not what it looks like.
_DIGEST: Final = re.compile("[0-9a-f]{64}")


def _named(*, pledge: UUID, signer_type: UUID, sha256: str) -> Any:
    found = Statement.objects.with_door().annotate(is_paused=switch_holds(SIGNING))
    wanted = found.filter(signer_type__uuid=signer_type, signer_type__pledge__uuid=pledge, sha256=sha256)
    return wanted.order_by("-number")[:1]


_FIND: Final = Prepared(_named, {"pledge": UUID(int=1), "signer_type": UUID(int=2), "sha256": "0" * 64})


def freeze_statement(
    *,
    signer_type: SignerType,
    locale: str,
    text: str,
    consent: dict[str, str],
    questions: Sequence[Mapping[str, Any]] = (),
    asking: Mapping[str, str] | None = None,
) -> Statement:
    """Return the current statement of ``signer_type`` in ``locale``, making version n+1 if what is shown differs from
    it.

    ``text`` is the pledge text as shown (HTML of a few inline tags), ``consent`` the wording by purpose, ``questions``
    what editors ask (``Question.as_json``), ``asking`` which of the kind's fields are left out or needed
    (``settle_asking``).
    """
    shown: dict[str, Any] = {"text": text, "consent": consent, "questions": list(questions), "asking": asking or {}}
    digest = statement_digest(signer_type=signer_type, locale=locale, **shown)
    with transaction.atomic():
        # Two editors who publish at once queue here, so numbers have no gap and no twin.
        Pledge.objects.select_for_update().get(pk=signer_type.pledge_id)
        last: Statement | None = (
            Statement.objects.filter(signer_type=signer_type, locale=locale).order_by("-number").first()
        )
        if last is not None and last.sha256 == digest:
            return last
        made: Statement = Statement.objects.create(
            pledge_id=signer_type.pledge_id,
            signer_type=signer_type,
            locale=locale,
            number=last.number + 1 if last else 1,
            sha256=digest,
            **shown,
        )
    return made


def find_statement(*, pledge: UUID, signer_type: UUID, sha256: str) -> Any | None:
    """Return the statement that a form names, or ``None``; one query.

    It comes with ``signer_type.pledge``, ``is_outdated``, ``is_paused`` (the kill switch) and ``db_now`` (the
    database's clock).
    """
    if not _DIGEST.fullmatch(sha256):
        return None
    return next(iter(_FIND.rows(pledge=pledge, signer_type=signer_type, sha256=sha256)), None)


def current_statement(*, pledge: UUID, signer_type: UUID, locale: str) -> Any | None:
    """Return the newest statement of a signer type, in ``locale`` if there is one, else in another; one query."""
    found = list(Statement.objects.current().filter(signer_type__uuid=signer_type, signer_type__pledge__uuid=pledge))
    return next((s for s in found if s.locale == locale), found[0] if found else None)


def current_statements(pledge_id: int, locale: str) -> dict[int, Statement]:
    """Return the newest statement in ``locale`` by signer type id; one query."""
    found = Statement.objects.current().filter(pledge_id=pledge_id, locale=locale)
    return {statement.signer_type_id: statement for statement in found}


def shown_statement(*, pledge: UUID, sha256: str) -> Any | None:
    """Return the statement that a page of ``pledge`` shows, or ``None``; one query.

    It comes with ``db_now`` and ``is_surge``.
    """
    if not _DIGEST.fullmatch(sha256):
        return None
    found = Statement.objects.with_door().annotate(is_surge=surge_holds("pledge_id"))
    return found.filter(pledge__uuid=pledge, sha256=sha256).order_by("-number").first()
