"""Freezing the text that signers see as a statement, and looking statements up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from wagtail.models import PageViewRestriction

from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.models.statement import statement_digest
from wagtail_pledge.signing.services.switches import SIGNING, surge_exists, switch_exists

#: Checked before a query: PostgreSQL refuses a NUL byte with an error that looks like a lost connection.
_DIGEST: Final = re.compile("[0-9a-f]{64}")


def _statement_query(*, pledge: UUID, signer_type: UUID, sha256: str) -> Any:
    statements = Statement.objects.for_signing().annotate(is_paused=switch_exists(SIGNING))
    matching = statements.filter(signer_type__uuid=signer_type, signer_type__pledge__uuid=pledge, sha256=sha256)
    return matching.order_by("-number")[:1]


def _current_query(*, pledge: int, locale: str) -> Any:
    statements = Statement.objects.current().filter(pledge_id=pledge, locale=locale)
    return statements.annotate(is_paused=switch_exists(SIGNING), is_surge=surge_exists("pledge_id"))


_FIND: Final = PreparedQuery(_statement_query, {"pledge": UUID(int=1), "signer_type": UUID(int=2), "sha256": "0" * 64})
_CURRENT: Final = PreparedQuery(_current_query, {"pledge": 2_147_483_001, "locale": "sample"})


def freeze_statement(
    *,
    signer_type: SignerType,
    locale: str,
    text: str,
    consent: dict[str, str],
    questions: Sequence[Mapping[str, Any]] = (),
    optional_fields: Mapping[str, str] | None = None,
) -> Statement:
    """Return the current statement of ``signer_type`` in ``locale``; create the next version if the content differs.

    ``text`` is the pledge text as shown (HTML with a few inline tags), ``consent`` the consent texts by purpose,
    ``questions`` the editors' questions (each ``Question.as_json()``), ``optional_fields`` which of the kind's fields
    are left out or required (the result of ``resolve_optional_fields``).
    """
    content: dict[str, Any] = {
        "text": text,
        "consent": consent,
        "questions": list(questions),
        "optional_fields": optional_fields or {},
    }
    digest = statement_digest(signer_type=signer_type, locale=locale, **content)
    with transaction.atomic():
        # Lock the pledge: if two editors publish at once, numbers have no gaps and no duplicates
        Pledge.objects.select_for_update().get(pk=signer_type.pledge_id)
        last: Statement | None = (
            Statement.objects.filter(signer_type=signer_type, locale=locale).order_by("-number").first()
        )
        if last is not None and last.sha256 == digest:
            return last
        statement: Statement = Statement.objects.create(
            pledge_id=signer_type.pledge_id,
            signer_type=signer_type,
            locale=locale,
            number=last.number + 1 if last else 1,
            sha256=digest,
            **content,
        )
    return statement


def find_statement(*, pledge: UUID, signer_type: UUID, sha256: str) -> Any | None:
    """Return the statement that a submitted form refers to, or ``None``; one query.

    ``pledge`` and ``signer_type`` are uuids, ``sha256`` is the statement's digest. The statement comes with
    ``signer_type.pledge``, ``is_outdated`` (a newer version exists), ``is_paused`` (the signing switch is on) and
    ``db_now`` (the database's time).
    """
    if not _DIGEST.fullmatch(sha256):
        return None
    return next(iter(_FIND.rows(pledge=pledge, signer_type=signer_type, sha256=sha256)), None)


def current_statement(*, pledge: UUID, signer_type: UUID, locale: str) -> Any | None:
    """Return the newest statement of a signer type in ``locale``, else in another locale, else ``None``; one query."""
    statements = list(
        Statement.objects.current().filter(signer_type__uuid=signer_type, signer_type__pledge__uuid=pledge)
    )
    return next((s for s in statements if s.locale == locale), statements[0] if statements else None)


def current_statements(pledge_id: int, locale: str) -> dict[int, Statement]:
    """Return {signer type id: newest statement in ``locale``} of a pledge; one query.

    Each has ``is_paused`` (the signing switch is on) and ``is_surge`` (the pledge is in a surge), beside what
    ``StatementQuerySet.for_signing`` annotates.
    """
    return {statement.signer_type_id: statement for statement in _CURRENT.rows(pledge=pledge_id, locale=locale)}


def shown_statement(*, pledge: UUID, sha256: str) -> Any | None:
    """Return the statement with the digest ``sha256`` that a page of ``pledge`` shows, or ``None``; one query.

    It comes with ``signer_type.pledge``, ``is_outdated``, ``db_now``, ``is_surge`` (the pledge is in a surge) and
    ``is_restricted`` (the site has a page with a view restriction).
    """
    if not _DIGEST.fullmatch(sha256):
        return None
    statements = Statement.objects.for_signing().annotate(
        is_surge=surge_exists("pledge_id"), is_restricted=Exists(PageViewRestriction.objects.all())
    )
    return statements.filter(pledge__uuid=pledge, sha256=sha256).order_by("-number").first()
