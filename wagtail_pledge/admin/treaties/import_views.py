"""Import a treaty's status: upload, difference, decision, log, undo. Every step is a form that works by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

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

from wagtail_pledge.admin.treaties.uploads import TreatyImportForm, is_too_large, keep_in_memory
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.report import diff_lines
from wagtail_pledge.treaties.importing.serialization import load_changes
from wagtail_pledge.treaties.importing.workflow import (
    Proposal,
    apply_proposal,
    is_undoable,
    propose_import,
    refuse_proposal,
    undo_import,
)
from wagtail_pledge.treaties.models import TreatyImport
from wagtail_pledge.treaties.sources.registry import treaty_sources
from wagtail_pledge.treaties.words import date_in_words

NAMESPACE: Final = "wagtail_pledge_treaty_imports"
PERMISSION: Final = "wagtail_pledge.import_treaty"
IMPORTED: Final = "wagtail_pledge.import_treaty"
UNDONE: Final = "wagtail_pledge.undo_treaty_import"
#: A broken file can have a broken line for each of its rows; nobody reads thousands.
MAX_ERRORS_SHOWN: Final = 100
PER_PAGE: Final = 50


def may_import(user: Any) -> bool:
    """Whether ``user`` may import treaty status."""
    return bool(user.has_perm(PERMISSION))


def address(view: str, entry: TreatyImport | None = None) -> str:
    """Return the address of one of our views."""
    return reverse(f"{NAMESPACE}:{view}", args=[entry.pk] if entry else [])


class ImportersOnly(View):
    """Refuses whoever may not import, before anything of the request is read."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise ``PermissionDenied``, or go on."""
        if not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class _ImportPage(ImportersOnly, WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """A page of ours with its place in the admin."""

    header_icon = "pledge-treaty"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the way from the start page."""
        items = [*self.breadcrumbs_items, {"url": address("index"), "label": _("Treaty imports")}]
        return [*items, {"url": "", "label": self.get_page_title()}]


class ImportIndexView(_ImportPage):
    """The log: every list that was uploaded, what became of it, and who decided."""

    template_name = "wagtail_pledge/admin/treaty_import/index.html"
    page_title = _("Treaty imports")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the way from the start page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``imports``, a page of the log, newest first."""
        imports = Paginator(TreatyImport.objects.with_people().defer("listed", "earlier"), PER_PAGE)
        found = imports.get_page(self.request.GET.get("p"))
        return {**super().get_context_data(**kwargs), "imports": found, "add_url": address("add")}


@method_decorator(csrf_exempt, name="dispatch")
class ImportAddView(_ImportPage):
    """Upload a list and see what is wrong with it, or go on to the difference.

    Exempt at first, because looking for the token reads the body: size and place are settled before, and then the
    token is checked as everywhere.
    """

    template_name = "wagtail_pledge/admin/treaty_import/add.html"
    page_title = _("Import treaty status")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Settle who and how much before anything is read."""
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
        said = gettext("The file is larger than 10 MB. No list of a depositary is: was the right file chosen?")
        context = self.get_context_data(form=TreatyImportForm(), refusal=said)
        response = self.render_to_response(context)
        response.status_code = 413
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``form``, ``errors`` (the first of them), ``more`` (how many others) and ``refusal``."""
        context = super().get_context_data(**kwargs)
        errors = kwargs.get("errors", ())
        context.setdefault("form", TreatyImportForm())
        context["errors"] = errors[:MAX_ERRORS_SHOWN]
        context["more"] = max(0, len(errors) - MAX_ERRORS_SHOWN)
        return context

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Compare, and lead to the difference; what can't be read is said beside the file."""
        form = TreatyImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            proposal = self._propose(form)
        except TreatyError as error:
            form.add_error("as_of" if error.code == "no_day" else "file", error.message)
            return self.render_to_response(self.get_context_data(form=form))
        if proposal.entry:
            return redirect(address("detail", proposal.entry))
        if proposal.report.errors:
            return self.render_to_response(self.get_context_data(form=form, errors=proposal.report.errors))
        messages.info(request, gettext("The list says what is stored already. There is nothing to import."))
        return redirect(address("index"))

    def _propose(self, form: TreatyImportForm) -> Proposal:
        content = form.read()
        return propose_import(
            form.cleaned_data["treaty"],
            form.reader(content),
            content=content,
            file_name=form.cleaned_data["file"].name,
            user=self.request.user,
            as_of=form.cleaned_data["as_of"],
        )


class ImportDetailView(_ImportPage):
    """One import: the difference in words, the counts, and what can be done now."""

    template_name = "wagtail_pledge/admin/treaty_import/detail.html"
    page_title = _("Import of treaty status")

    def get_page_subtitle(self) -> str:
        """Return the treaty's abbreviation."""
        return self.entry.treaty.short_name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find the import."""
        self.entry = get_object_or_404(TreatyImport.objects.with_people(), pk=kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``entry``, ``day``, ``lines``, ``source_label``, ``undoable`` and ``urls``."""
        source = treaty_sources().get(self.entry.source)
        return {
            **super().get_context_data(**kwargs),
            "entry": self.entry,
            "day": date_in_words(self.entry.as_of),
            "lines": list(diff_lines(load_changes(self.entry.changes))),
            "source_label": source.label if source else self.entry.source,
            "undoable": is_undoable(self.entry),
            "urls": {name: address(name, self.entry) for name in ("approve", "refuse", "undo")},
        }


class ImportDecisionView(ImportersOnly):
    """Does one thing with an import and goes back to it; what stands in the way is said there."""

    http_method_names: ClassVar[list[str]] = ["post"]
    decide: Callable[..., Any] = staticmethod(refuse_proposal)
    said: Any = _("The import was refused. Nothing was changed.")
    log_action = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide."""
        entry = get_object_or_404(TreatyImport.objects.with_people(), pk=pk)
        try:
            self.decide(entry, user=request.user)
        except TreatyError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, self.said)
            self._log(entry)
        return redirect(address("detail", entry))

    def _log(self, entry: TreatyImport) -> None:
        if self.log_action:
            data = {"file": entry.file_name, "import": entry.pk}
            log(instance=entry.treaty, action=self.log_action, user=self.request.user, data=data)


class ImportApproveView(ImportDecisionView):
    """Writes what was proposed."""

    decide = staticmethod(apply_proposal)
    said = _("The import was approved. Pages show the new status.")
    log_action = IMPORTED


class ImportRefuseView(ImportDecisionView):
    """Keeps the proposal as refused."""


class ImportUndoView(ImportDecisionView):
    """Brings the earlier status back."""

    decide = staticmethod(undo_import)
    said = _("The import was undone. Pages show the earlier status.")
    log_action = UNDONE
