"""Statements: the record of the texts that people signed. Nothing here can be changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.whitelist import Whitelister

from wagtail_pledge.admin.filters import StatementFilterSet
from wagtail_pledge.admin.policies import STATEMENT_POLICY
from wagtail_pledge.admin.viewsets.base import ScopedInspectView, ScopedViewSet
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.kinds.optional_fields import describe_optional_fields
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.questions import get_question_type, parse_questions


class StatementInspectView(ScopedInspectView):
    """One version as it was shown."""

    template_name = "wagtail_pledge/admin/statement_inspect.html"

    def get_fields(self) -> list[str]:
        """None by column: the template shows the text as text."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``statement``, ``questions``, ``optional_fields`` and ``text``.

        The text's markup is cleaned again: the record outlives the editor's rules.
        """
        context = super().get_context_data(**kwargs)
        asked = [(one, get_question_type(one.type).label) for one in parse_questions(self.object.questions)]
        text = Whitelister().clean(self.object.text)
        optional_fields = describe_optional_fields(
            self.object.optional_fields, [get_kind(self.object.signer_type.kind)]
        )
        return {
            **context,
            "statement": self.object,
            "text": text,
            "questions": asked,
            "optional_fields": optional_fields,
        }


class StatementViewSet(ScopedViewSet):
    """Admin of :class:`Statement`: look, don't touch."""

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
