"""View that changes the state of a pledge: choose a state, read the effects, give a reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView

from wagtail_pledge.admin.state_changes import StateChange, StateChangeForm, state_form, steps
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import InvalidTransition, change_state, counts_for


def state_url(pledge: Pledge) -> str:
    """Return the URL of the view that changes the state of ``pledge``."""
    return reverse("wagtail_pledge_pledges:state", args=[pledge.pk])


class StateView(ScopedObjectMixin, InspectView):  # type: ignore[misc]
    """GET lists the possible changes, or describes one (``?to=…``); POST makes it."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    any_permission_required: ClassVar[list[str]] = ["change"]
    template_name = "wagtail_pledge/admin/pledge_state.html"
    page_title = _("Status")

    def get_fields(self) -> list[str]:
        """Return no model fields: the template does not list any."""
        return []

    @cached_property
    def now(self) -> Any:
        """The database time, the same for the whole request."""
        return database_now()

    @cached_property
    def steps(self) -> list[StateChange]:
        """The possible changes."""
        return steps(self.object, counts_for(self.object).total, self.now)

    def find_step(self, state: str) -> StateChange | None:
        """Return the change to ``state``, ``None`` if it is not possible."""
        return next((step for step in self.steps if step.to == state), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the possible changes, and the chosen one with its form."""
        step: StateChange | None = kwargs.pop("step", None) or self.find_step(self.request.GET.get("to", ""))
        form: StateChangeForm | None = kwargs.pop("form", None)
        if step is not None and form is None:
            form = state_form(self.object, step.to, self.now)
        context = super().get_context_data(**kwargs)
        edit_url = reverse("wagtail_pledge_pledges:edit", args=[self.object.pk])
        urls = {"state_url": state_url(self.object), "back_url": edit_url}
        return {**context, **urls, "steps": self.steps, "step": step, "form": form, "pledge": self.object}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Make the change, or show the form again with status 422."""
        step = self.find_step(request.POST.get("to", ""))
        if step is None:
            return self.redirect_with_error(
                gettext("You cannot change to this status now. You can choose one of these.")
            )
        form = state_form(self.object, step.to, self.now, request.POST)
        if not form.is_valid():
            return self.render_form(step, form)
        try:
            change_state(
                self.object,
                step.to,
                actor=request.user,
                expected=request.POST.get("expected", ""),
                **form.cleaned_data,
            )
        except InvalidTransition as error:
            if error.code != "closing_time":
                return self.redirect_with_error(error.message)
            form.add_error("closes_at", error.message)
            return self.render_form(step, form)
        messages.success(request, gettext("The status of “%(pledge)s” has changed.") % {"pledge": self.object})
        return HttpResponseRedirect(reverse("wagtail_pledge_pledges:edit", args=[self.object.pk]))

    def render_form(self, step: StateChange, form: StateChangeForm) -> HttpResponse:
        """Return the page with the errors of ``form``, status 422."""
        response: HttpResponse = self.render_to_response(self.get_context_data(step=step, form=form), status=422)
        return response

    def redirect_with_error(self, message: str) -> HttpResponse:
        """Change nothing and redirect to the possible changes, with a message."""
        messages.error(self.request, message)
        return HttpResponseRedirect(state_url(self.object))
