"""Statements: the record of the texts that people signed. Nothing here can be changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.whitelist import Whitelister

from wagtail_pledge.admin.filters import StatementFilterSet
from wagtail_pledge.admin.policies import STATEMENT_POLICY
from wagtail_pledge.admin.viewsets.base import LedgerInspectView, LedgerViewSet
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.kinds.asking import asking_in_words
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.questions import get_question_type, read_questions


class StatementInspectView(LedgerInspectView):
    """One version as it was shown."""

    template_name = "wagtail_pledge/admin/statement_inspect.html"

    def get_fields(self) -> list[str]:
        """None by column: the template shows the text as text."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``statement``, ``questions``, ``asking`` and ``text``, whose markup is cleaned once more: the record
        outlives the editor's rules.
        """
        context = super().get_context_data(**kwargs)
        asked = [(one, get_question_type(one.type).label) for one in read_questions(self.object.questions)]
        text = Whitelister().clean(self.object.text)
        asking = asking_in_words(self.object.asking, [get_kind(self.object.signer_type.kind)])
        return {**context, "statement": self.object, "text": text, "questions": asked, "asking": asking}


class StatementViewSet(LedgerViewSet):
    """Admin of :class:`Statement`: look, don't touch."""

    model = Statement
    name = "wagtail_pledge_statements"
    url_prefix = "pledge-statements"
    icon = "doc-full"
    permission_policy = STATEMENT_POLICY
    views = frozenset({"index", "index_results", "inspect", "delete"})
    finder_view = "inspect"
    inspect_view_enabled = True
    inspect_view_class = StatementInspectView
    filterset_class = StatementFilterSet
    form_fields: ClassVar[list[str]] = []
    ordering: ClassVar[list[str]] = ["-pk"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("pledge", label=_("Pledge")),
        Column("locale", label=_("Language")),
        Column("number", label=_("Version")),
        Column("sha256", label=_("SHA-256"), accessor=lambda row: row.sha256[:12]),
        DateColumn("created_at", label=_("Published")),
    ]
