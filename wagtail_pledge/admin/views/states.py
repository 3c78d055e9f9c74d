"""Changing the state of a pledge: choose, read what it does, say why."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView

from wagtail_pledge.admin.states import StateForm, Step, state_form, steps
from wagtail_pledge.admin.views.scoped import ScopedObjectMixin
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import StateRefused, change_state, counts_for


def state_url(pledge: Pledge) -> str:
    """Return where the state of ``pledge`` is changed."""
    return reverse("wagtail_pledge_pledges:state", args=[pledge.pk])


class StateView(ScopedObjectMixin, InspectView):  # type: ignore[misc]
    """GET shows what can be done, ``?to=…`` one change in words; POST makes it."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    any_permission_required: ClassVar[list[str]] = ["change"]
    template_name = "wagtail_pledge/admin/pledge_state.html"
    page_title = _("State")

    def get_fields(self) -> list[str]:
        """None: this is no list of columns."""
        return []

    @cached_property
    def now(self) -> Any:
        """The time that the page is about."""
        return database_now()

    @cached_property
    def steps(self) -> list[Step]:
        """What can be done."""
        return steps(self.object, counts_for(self.object).total, self.now)

    def step_to(self, wanted: str) -> Step | None:
        """Return the step into the state ``wanted``, ``None`` if it can't be made."""
        return next((step for step in self.steps if step.to == wanted), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the steps, and the one that is asked about with its form."""
        step: Step | None = kwargs.pop("step", None) or self.step_to(self.request.GET.get("to", ""))
        form: StateForm | None = kwargs.pop("form", None)
        if step is not None and form is None:
            form = state_form(self.object, step.to, self.now)
        context = super().get_context_data(**kwargs)
        edit_url = reverse("wagtail_pledge_pledges:edit", args=[self.object.pk])
        urls = {"state_url": state_url(self.object), "back_url": edit_url}
        return {**context, **urls, "steps": self.steps, "step": step, "form": form, "pledge": self.object}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Make the change if a reason is given, or say why not."""
        step = self.step_to(request.POST.get("to", ""))
        if step is None:
            return self.refuse(gettext("This state can’t be chosen now. Here is what can."))
        form = state_form(self.object, step.to, self.now, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(step=step, form=form), status=422)
        try:
            change_state(
                self.object,
                step.to,
                actor=request.user,
                expected=request.POST.get("expected", ""),
                **form.cleaned_data,
            )
        except StateRefused as error:
            if error.code != "closing_time":
                return self.refuse(error.message)
            form.add_error("closes_at", error.message)
            return self.render_to_response(self.get_context_data(step=step, form=form), status=422)
        messages.success(request, gettext("The state of “%(pledge)s” has changed.") % {"pledge": self.object})
        return HttpResponseRedirect(reverse("wagtail_pledge_pledges:edit", args=[self.object.pk]))

    def refuse(self, said: str) -> HttpResponse:
        """Leave everything as it is and go back to what can be done."""
        messages.error(self.request, said)
        return HttpResponseRedirect(state_url(self.object))
