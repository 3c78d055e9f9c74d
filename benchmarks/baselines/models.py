"""Models of the baselines: a row for a minimal view, and Wagtail's form page."""

from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField


class BareRow(models.Model):
    """The row that the view with one INSERT stores."""

    email = models.EmailField()
    name = models.CharField(max_length=200)


class FormField(AbstractFormField):
    """A field of the form page."""

    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    """Wagtail's form page without changes."""
