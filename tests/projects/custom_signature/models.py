"""Custom signature model with extra columns."""

from __future__ import annotations

from typing import Self

from django.db import models

from wagtail_pledge.models import AbstractSignature, SubmissionData


class MemberSignature(AbstractSignature):
    """Signature with the union branch of the signer, and the seat in the branch, which only one signer has."""

    branch = models.CharField(max_length=60, blank=True, default="unassigned")
    number = models.CharField("membership number", max_length=20, null=True, blank=True, unique=True)
    seat_number = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(AbstractSignature.Meta):
        abstract = False
        constraints = [
            *AbstractSignature.Meta.constraints,
            models.UniqueConstraint(
                fields=["pledge", "seat_number"], name="one_a_seat", violation_error_message="This seat has signed."
            ),
        ]
        verbose_name = "member's signature"
        verbose_name_plural = "members' signatures"

    @classmethod
    def from_submission(cls, data: SubmissionData) -> Self:
        """Take the branch from the city that the signer entered, number or seat from the postal code."""
        signature = super().from_submission(data)
        code = str(data.details.get("postal_code") or "")
        signature.number = code if code.startswith("N") else None
        signature.seat_number = int(code[1:]) if code.startswith("S") else None
        signature.branch = str(data.details.get("city") or "unassigned")
        return signature
