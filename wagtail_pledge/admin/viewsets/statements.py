"""Viewset of statements, the record of the texts that people signed. They can't be edited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.whitelist import Whitelister

from wagtail_pledge.admin.filters import StatementFilterSet
from wagtail_pledge.admin.permissions import STATEMENT_POLICY
from wagtail_pledge.admin.viewsets.base import ScopedInspectView, ScopedViewSet
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.kinds.optional_fields import describe_optional_fields
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.questions import get_question_type, parse_questions


class StatementInspectView(ScopedInspectView):
    """One version of the statement, as it was shown to signers."""

    template_name = "wagtail_pledge/admin/statement_inspect.html"

    def get_fields(self) -> list[str]:
        """Return no model fields: the template shows the statement."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``statement``, ``questions``, ``optional_fields`` and ``text``.

        The markup is sanitized again: an old statement may predate the editor's current rules.
        """
        context = super().get_context_data(**kwargs)
        questions = parse_questions(self.object.questions)
        text = Whitelister().clean(self.object.text)
        optional_fields = describe_optional_fields(
            self.object.optional_fields, [get_kind(self.object.signer_type.kind)]
        )
        return {
            **context,
            "statement": self.object,
            "text": text,
            "questions": [(question, get_question_type(question.type).label) for question in questions],
            "optional_fields": optional_fields,
        }


class StatementViewSet(ScopedViewSet):
    """Viewset of :class:`Statement`, without a form."""

    model = Statement
    name = "wagtail_pledge_statements"
    url_prefix = "pledge-statements"
    icon = "doc-full"
    permission_policy = STATEMENT_POLICY
    enabled_views = frozenset({"index", "index_results", "inspect", "delete"})
    url_finder_view = "inspect"
    inspect_view_enabled = True
    inspect_view_class = StatementInspectView
    filterset_class = StatementFilterSet
    form_fields: ClassVar[list[str]] = []
    ordering: ClassVar[list[str]] = ["-pk"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("pledge", label=_("Campaign")),
        Column("locale", label=_("Language")),
        Column("number", label=_("Version")),
        Column("sha256", label=_("SHA-256"), accessor=lambda row: row.sha256[:12]),
        DateColumn("created_at", label=_("Published")),
    ]
