"""Custom signature model with an extra column."""

from __future__ import annotations

from django.db import models

from wagtail_pledge.models import AbstractSignature


class MemberSignature(AbstractSignature):
    """Signature with the union branch of the signer."""

    branch = models.CharField(max_length=60, blank=True, default="unassigned")

    class Meta(AbstractSignature.Meta):
        abstract = False
        verbose_name = "member's signature"
        verbose_name_plural = "members' signatures"
