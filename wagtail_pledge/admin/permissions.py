"""Who may do what: rights hang on the collection of the pledge, never on page rights.

A right is granted to a group for a collection (Wagtail's ``GroupCollectionPermission``) and holds for the
collections below it too. Every admin query starts from :func:`visible_to` or one of its kin.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.models import Collection, GroupCollectionPermission

from wagtail_pledge.signing.managers import PledgeQuerySet, SignatureQuerySet
from wagtail_pledge.signing.models import Organization, Pledge, get_signature_model

#: Where the user object keeps what it was found to hold, for the length of a request.
CACHE: Final = "_wagtail_pledge_grants"


class Right(StrEnum):
    """Codenames of the permissions on ``Pledge``."""

    ADD = "add_pledge"
    CHANGE = "change_pledge"
    DELETE = "delete_pledge"
    MODERATE = "moderate_pledge"
    CONTACT = "view_contact_data"
    VIEW = "view_pledge"


def permission_filter(rights: Iterable[Right]) -> Q:
    """Return the filter that finds the grants of ``rights``; none asked for means any of them."""
    codenames = list(rights) or list(Right)
    return Q(permission__content_type__app_label=Pledge._meta.app_label, permission__codename__in=codenames)


def _grants(user: Any) -> frozenset[tuple[str, str]]:
    """Return (codename, collection path) of everything that the user's groups were granted; one query a user object."""
    found: frozenset[tuple[str, str]] | None = getattr(user, CACHE, None)
    if found is None:
        rows = GroupCollectionPermission.objects.filter(permission_filter(()), group__user=user)
        found = frozenset(rows.values_list("permission__codename", "collection__path"))
        setattr(user, CACHE, found)
    return found


def sees_everything(user: Any) -> bool:
    """Whether ``user`` is a superuser who may still log in."""
    return bool(user.is_active and user.is_superuser)


def _paths(user: Any, rights: Iterable[Right]) -> set[str]:
    """Paths of the collections on which ``user`` was granted one of ``rights`` (any right if none is named)."""
    if not user.is_active or user.is_anonymous:
        return set()
    wanted = set(rights) or set(Right)
    return {path for codename, path in _grants(user) if codename in wanted}


def _below(paths: set[str], lookup: str) -> Q:
    """The filter for rows whose collection is one of ``paths`` or lies below it; an empty set matches nothing."""
    matches = Q(pk__in=[])
    for path in paths:
        # A path of the tree is made of steps of equal length, so a prefix is an ancestor
        matches |= Q(**{lookup: path})
    return matches


def holds(user: Any, *rights: Right) -> bool:
    """Whether ``user`` holds one of ``rights`` (any right if none is named) on some collection."""
    return sees_everything(user) or bool(_paths(user, rights))


def has_right(user: Any, pledge: Pledge, *rights: Right) -> bool:
    """Whether ``user`` holds one of ``rights`` (any right if none is named) on ``pledge``."""
    if sees_everything(user):
        return True
    granted = tuple(_paths(user, rights))
    return bool(granted) and pledge.collection.path.startswith(granted)


def collections_for(user: Any, *rights: Right) -> QuerySet[Any]:
    """Return the collections on which ``user`` holds one of ``rights``."""
    if sees_everything(user):
        return Collection.objects.all()
    return Collection.objects.filter(_below(_paths(user, rights), "path__startswith"))


def collection_for_new_pledge(user: Any) -> Collection | None:
    """Return the first collection in which ``user`` may edit pledges; ``None`` for who may do so in any, or in none."""
    return None if sees_everything(user) else collections_for(user, Right.CHANGE).order_by("path").first()


def visible_to(user: Any, *rights: Right) -> PledgeQuerySet:
    """Return the pledges on which ``user`` holds one of ``rights``; without ``rights``, those it may see at all.

    Any right on a pledge includes seeing that it exists. Superusers see all.
    """
    pledges: PledgeQuerySet = Pledge.objects.select_related("collection")
    if sees_everything(user):
        return pledges
    return pledges.filter(_below(_paths(user, rights), "collection__path__startswith"))


def signatures_visible_to(user: Any, *rights: Right) -> SignatureQuerySet:
    """Return the signatures of the pledges that :func:`visible_to` gives, with their pledges."""
    signatures: SignatureQuerySet = get_signature_model()._default_manager.select_related("pledge__collection")
    if sees_everything(user):
        return signatures
    return signatures.filter(pledge__in=visible_to(user, *rights).values("pk"))


def organizations_visible_to(user: Any, *rights: Right) -> QuerySet[Organization]:
    """Return the organizations that signed a pledge that :func:`visible_to` gives; superusers see the unused too.

    Each carries ``signed_elsewhere``: whether it also signed a pledge on which ``user`` may not moderate.
    """
    signatures = get_signature_model()._default_manager.filter(organization=OuterRef("pk"))
    foreign = signatures.exclude(pledge__in=visible_to(user, Right.MODERATE).values("pk"))
    organizations = Organization.objects.annotate(signed_elsewhere=Exists(foreign))
    if sees_everything(user):
        return organizations
    return organizations.filter(Exists(signatures.filter(pledge__in=visible_to(user, *rights).values("pk"))))


def may_see_contact(user: Any, signature: Any) -> bool:
    """Whether ``user`` may see the name and address of ``signature``."""
    return has_right(user, signature.pledge, Right.CONTACT)


def may_moderate(user: Any, signature: Any) -> bool:
    """Whether ``user`` may approve and refuse ``signature``."""
    return has_right(user, signature.pledge, Right.MODERATE)


def describe_pledges(collection: Any) -> dict[str, Any] | None:
    """Return what Wagtail shows of the pledges in ``collection``, ``None`` if there are none."""
    count = Pledge.objects.filter(collection=collection).count()
    if not count:
        return None
    said = ngettext("%(count)s pledge", "%(count)s pledges", count) % {"count": count}
    return {"count": count, "count_text": said, "url": reverse("wagtail_pledge_pledges:index")}
