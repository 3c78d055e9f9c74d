"""Custom signature model with an extra column."""

from __future__ import annotations

from typing import Self

from django.db import models

from wagtail_pledge.models import AbstractSignature, SubmissionData


class MemberSignature(AbstractSignature):
    """Signature with the union branch of the signer."""

    branch = models.CharField(max_length=60, blank=True, default="unassigned")

    class Meta(AbstractSignature.Meta):
        abstract = False
        verbose_name = "member's signature"
        verbose_name_plural = "members' signatures"

    @classmethod
    def from_submission(cls, data: SubmissionData) -> Self:
        """Take the branch from the city that the signer entered."""
        signature = super().from_submission(data)
        signature.branch = str(data.details.get("city") or "unassigned")
        return signature
