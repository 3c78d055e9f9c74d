"""Views for importing treaty status: upload, comparison, decision, log and undo. They work without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_pledge.admin.treaties.affected_pages import affected_pages
from wagtail_pledge.admin.treaties.uploads import TreatyImportForm, is_too_large, keep_in_memory
from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.importing.report import diff_lines
from wagtail_pledge.treaties.importing.serialization import load_changes, load_notes
from wagtail_pledge.treaties.importing.workflow import (
    Proposal,
    apply_proposal,
    is_undoable,
    propose_import,
    reject_proposal,
    undo_import,
)
from wagtail_pledge.treaties.models import TreatyImport
from wagtail_pledge.treaties.sources.registry import treaty_sources

NAMESPACE: Final = "wagtail_pledge_treaty_imports"
PERMISSION: Final = "wagtail_pledge.import_treaty"
IMPORTED: Final = "wagtail_pledge.import_treaty"
UNDONE: Final = "wagtail_pledge.undo_treaty_import"
#: A broken file can have an error in each of its rows.
MAX_ERRORS_SHOWN: Final = 100
PER_PAGE: Final = 50


def may_import(user: Any) -> bool:
    """Whether ``user`` may import treaty status."""
    return bool(user.has_perm(PERMISSION))


def import_url(view: str, entry: TreatyImport | None = None) -> str:
    """Return the URL of one of the import views."""
    return reverse(f"{NAMESPACE}:{view}", args=[entry.pk] if entry else [])


class ImportPermissionMixin(View):
    """Denies users who may not import, before the request body is read."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise ``PermissionDenied`` if the user may not import."""
        if not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class _ImportPage(ImportPermissionMixin, WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """Base of the import pages, with breadcrumbs."""

    header_icon = "pledge-treaty"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the breadcrumbs."""
        items = [*self.breadcrumbs_items, {"url": import_url("index"), "label": _("Treaty imports")}]
        return [*items, {"url": "", "label": self.get_page_title()}]


class ImportIndexView(_ImportPage):
    """Log of the imports: every uploaded list, its state, and who decided."""

    template_name = "wagtail_pledge/admin/treaty_import/index.html"
    page_title = _("Treaty imports")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the breadcrumbs."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``imports``, a page of the log, newest first."""
        imports = Paginator(TreatyImport.objects.with_people().defer("parsed_list", "previous_status"), PER_PAGE)
        page = imports.get_page(self.request.GET.get("p"))
        return {**super().get_context_data(**kwargs), "imports": page, "add_url": import_url("add")}


@method_decorator(csrf_exempt, name="dispatch")
class ImportAddView(_ImportPage):
    """Upload of a list: shows its errors, or redirects to the comparison.

    The CSRF check reads the body. The view is exempt until the size is checked and the upload handler is set; then
    ``_protected`` checks the token.
    """

    template_name = "wagtail_pledge/admin/treaty_import/add.html"
    page_title = _("Import treaty status")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check permission and size before the body is read."""
        if not may_import(request.user):
            raise PermissionDenied
        if request.method == "POST":
            if is_too_large(request):
                return self._too_large()
            keep_in_memory(request)
        return self._protected(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def _protected(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def _too_large(self) -> HttpResponse:
        message = gettext(
            "The file is larger than 10 MB. Lists from a depositary are never this large. Check "
            "that you chose the right file."
        )
        context = self.get_context_data(form=TreatyImportForm(), upload_error=message)
        response = self.render_to_response(context)
        response.status_code = 413
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``form``, ``errors`` (at most ``MAX_ERRORS_SHOWN``), ``more`` (how many others) and ``upload_error``."""
        context = super().get_context_data(**kwargs)
        errors = kwargs.get("errors", ())
        context.setdefault("form", TreatyImportForm())
        context["errors"] = errors[:MAX_ERRORS_SHOWN]
        context["more"] = max(0, len(errors) - MAX_ERRORS_SHOWN)
        return context

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Compare the list with the stored data and redirect to the result; show errors beside the field."""
        form = TreatyImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            proposal = self._propose(form)
        except TreatyError as error:
            form.add_error("as_of" if error.code == "no_day" else "file", error.message)
            return self.render_to_response(self.get_context_data(form=form))
        if proposal.entry:
            return redirect(import_url("detail", proposal.entry))
        if proposal.report.errors:
            return self.render_to_response(self.get_context_data(form=form, errors=proposal.report.errors))
        messages.info(request, gettext("The list matches the stored data. There is nothing to import."))
        return redirect(import_url("index"))

    def _propose(self, form: TreatyImportForm) -> Proposal:
        content = form.read()
        return propose_import(
            form.cleaned_data["treaty"],
            form.get_source(content),
            content=content,
            file_name=form.cleaned_data["file"].name,
            user=self.request.user,
            as_of=form.cleaned_data["as_of"],
        )


class _EntryPage(_ImportPage):
    """Base of the pages about one import."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Load the import. Raises ``PermissionDenied`` before, and ``Http404``."""
        if may_import(request.user):
            self.entry = get_object_or_404(TreatyImport.objects.with_people(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        """Return the treaty's abbreviation."""
        return self.entry.treaty.short_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``entry``, ``day``, ``lines``, ``pages`` (that show the treaty) and ``urls``."""
        return {
            **super().get_context_data(**kwargs),
            "entry": self.entry,
            "day": format_date(self.entry.as_of),
            "lines": list(diff_lines(load_changes(self.entry.changes))),
            "pages": affected_pages(self.entry.treaty, self.request.user),
            "urls": {name: import_url(name, self.entry) for name in ("detail", "approve", "reject", "undo")},
        }


class ImportDetailView(_EntryPage):
    """One import: the changes as sentences, the counts, the pages that show them, and the possible decisions."""

    template_name = "wagtail_pledge/admin/treaty_import/detail.html"
    page_title = _("Import of treaty status")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``notes``, ``source_label`` and ``undoable``."""
        source = treaty_sources().get(self.entry.source)
        return {
            **super().get_context_data(**kwargs),
            "notes": load_notes(self.entry.parsed_list),
            "source_label": source.label if source else self.entry.source,
            "undoable": is_undoable(self.entry),
        }


class ImportDecisionView(_EntryPage):
    """Makes one decision about an import and redirects to it, with a message.

    Decisions that change what pages show are asked about first, on GET.
    """

    http_method_names = ["post"]
    template_name = "wagtail_pledge/admin/treaty_import/confirm.html"
    #: Text of the confirmation's button.
    button: Any = ""
    decide: Callable[..., Any] = staticmethod(reject_proposal)
    success_message: Any = _("The import was rejected. Nothing was changed.")
    log_action = ""

    def is_possible(self) -> bool:
        """Whether the decision can be made now; else the confirmation redirects to the import."""
        return False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for confirmation."""
        if not self.is_possible():
            return redirect(import_url("detail", self.entry))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``button`` and ``is_undo``."""
        return {**super().get_context_data(**kwargs), "button": self.button, "is_undo": self.log_action == UNDONE}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Decide, and log it if the status changed."""
        entry = self.entry
        try:
            self.decide(entry, user=request.user)
        except TreatyError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, self.success_message)
            self._log(entry)
        return redirect(import_url("detail", entry))

    def _log(self, entry: TreatyImport) -> None:
        if self.log_action:
            data = {"file": entry.file_name, "import": entry.pk}
            log(instance=entry.treaty, action=self.log_action, user=self.request.user, data=data)


class ImportApproveView(ImportDecisionView):
    """Applies the proposed changes, after a confirmation."""

    http_method_names = ["get", "head", "post"]
    page_title = _("Approve the import?")
    button = _("Yes, approve")
    decide = staticmethod(apply_proposal)
    success_message = _("The import was approved. Pages show the new status.")
    log_action = IMPORTED

    def is_possible(self) -> bool:
        """Whether nobody has decided on the import yet."""
        return self.entry.state == ImportState.PROPOSED


class ImportRejectView(ImportDecisionView):
    """Marks the proposal as rejected."""


class ImportUndoView(ImportDecisionView):
    """Restores the status from before the import, after a confirmation."""

    http_method_names = ["get", "head", "post"]
    page_title = _("Undo the import?")
    button = _("Yes, undo")
    decide = staticmethod(undo_import)
    success_message = _("The import was undone. Pages show the earlier status.")
    log_action = UNDONE

    def is_possible(self) -> bool:
        """Whether the import is in effect and no newer import of its treaty is."""
        return is_undoable(self.entry)
