"""A row of a bare view, and the form page that a Wagtail site would use instead."""

from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField


class BareRow(models.Model):
    """What a view with one INSERT stores."""

    email = models.EmailField()
    name = models.CharField(max_length=200)


class FormField(AbstractFormField):
    """One question of the form page."""

    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    """Wagtail's own form page, nothing added."""
