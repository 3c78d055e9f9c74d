"""Organizations whose names are drawn like one that was approved: a warning for whoever approves, never a refusal."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from wagtail_pledge.signing.abuse.skeletons import name_skeleton
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Organization
from wagtail_pledge.signing.names import folded


class ApprovedNames:
    """The names of the approved organizations by what they look like: one query, when first asked."""

    @cached_property
    def _by_looks(self) -> dict[str, list[Organization]]:
        found: dict[str, list[Organization]] = defaultdict(list)
        for organization in Organization.objects.only("name", "folded_name", "country").iterator():
            found[name_skeleton(organization.name)].append(organization)
        return found

    def like(self, signature: Any) -> list[Organization]:
        """Return the organizations that the one of ``signature`` could be mistaken for, ``[]`` for a person.

        One of the same name and country is not among them: an approval knows it again.
        """
        if not get_kind(signature.kind).is_public_by_nature() or "organization" not in signature.details:
            return []
        name = str(signature.details["organization"])
        same = (folded(name), signature.country)
        found = self._by_looks.get(name_skeleton(name), ())
        return [known for known in found if (known.folded_name, known.country) != same]
