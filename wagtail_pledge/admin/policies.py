"""Wagtail's view of our rights: one policy a model, told to the viewsets and, where there is one, to the registry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from wagtail import permissions as wagtail_permissions
from wagtail.models import GroupCollectionPermission
from wagtail.permission_policies import BasePermissionPolicy

from wagtail_pledge.admin.permissions import (
    PledgePermission,
    collections_for,
    has_any_permission,
    has_permission_on,
    is_active_superuser,
    organizations_visible_to,
    permission_filter,
    signatures_visible_to,
    visible_to,
)
from wagtail_pledge.signing.models import (
    Organization,
    OutboxMessage,
    Pledge,
    SignerType,
    Statement,
    get_signature_model,
)

Actions = Mapping[str, tuple[PledgePermission, ...]]

#: What each action asks for; an action that is not named is refused to everybody, superusers included.
ANY: Final = tuple(PledgePermission)
PLEDGE_ACTIONS: Final[Actions] = {
    "view": ANY,
    "add": (PledgePermission.ADD,),
    "change": (PledgePermission.CHANGE,),
    "delete": (PledgePermission.DELETE,),
}
SIGNER_TYPE_ACTIONS: Final[Actions] = {
    "view": ANY,
    "add": (PledgePermission.CHANGE,),
    "change": (PledgePermission.CHANGE,),
    "delete": (PledgePermission.DELETE,),
}
STATEMENT_ACTIONS: Final[Actions] = {"view": ANY, "delete": (PledgePermission.DELETE,)}
MESSAGE_ACTIONS: Final[Actions] = {"view": ANY}
SIGNATURE_ACTIONS: Final[Actions] = {"view": ANY, "change": (PledgePermission.MODERATE,)}
ORGANIZATION_ACTIONS: Final[Actions] = {
    "view": ANY,
    "change": (PledgePermission.MODERATE,),
    "delete": (PledgePermission.MODERATE,),
}


class PledgePermissionPolicy(BasePermissionPolicy):
    """Rights on rows that belong to a pledge follow that pledge's collection.

    ``scope(user, *rights)`` returns the rows, ``pledge_of(row)`` a row's pledge, ``actions`` names the rights that
    allow each of Wagtail's actions.
    """

    def __init__(
        self,
        model: Any,
        *,
        actions: Actions,
        scope: Callable[..., QuerySet[Any]],
        get_pledge: Callable[[Any], Pledge] = attrgetter("pledge"),
    ) -> None:
        super().__init__(model)
        self.actions = actions
        self.scope = scope
        self.get_pledge = get_pledge

    def rights_for(self, actions: Collection[str]) -> tuple[PledgePermission, ...]:
        """Return the rights of which one is needed for one of ``actions``."""
        return tuple({right for action in actions for right in self.actions.get(action, ())})

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether ``user`` may do ``action`` on some row."""
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        """Whether ``user`` may do one of ``actions`` on some row."""
        rights = self.rights_for(actions)
        return bool(rights) and has_any_permission(user, *rights)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        """Whether ``user`` may do ``action`` on this row."""
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Collection[str], instance: Any) -> bool:
        """Whether ``user`` may do one of ``actions`` on this row."""
        rights = self.rights_for(actions)
        return bool(rights) and has_permission_on(user, self.get_pledge(instance), *rights)

    def instances_user_has_any_permission_for(self, user: Any, actions: Collection[str]) -> QuerySet[Any]:
        """Return the rows on which ``user`` may do one of ``actions``."""
        rights = self.rights_for(actions)
        return self.scope(user, *rights) if rights else self.model._default_manager.none()

    def users_with_any_permission(self, actions: Collection[str]) -> QuerySet[Any]:
        """Return the users who may do one of ``actions`` on some row."""
        users = get_user_model()._default_manager
        rights = self.rights_for(actions)
        if not rights:
            return users.none()
        grants = GroupCollectionPermission.objects.filter(permission_filter(rights))
        allowed = Q(is_superuser=True) | Q(groups__in=grants.values("group"))
        return users.filter(allowed, is_active=True).distinct()

    def collections_user_has_permission_for(self, user: Any, action: str) -> QuerySet[Any]:
        """Return the collections in which ``user`` may do ``action``."""
        return collections_for(user, *self.rights_for([action]))


class OrganizationPolicy(PledgePermissionPolicy):
    """Organizations are shared by pledges: seen by whoever sees one of them, changed by who moderates all."""

    def user_has_any_permission_for_instance(self, user: Any, actions: Collection[str], instance: Any) -> bool:
        """Whether ``user`` may do one of ``actions`` on this organization; one query, two if it is a change."""
        rights = self.rights_for(actions)
        if not rights or is_active_superuser(user):
            return bool(rights)
        found = self.scope(user, *rights).filter(pk=instance.pk).first()
        return found is not None and ("view" in actions or not found.signed_elsewhere)


def _scope_through_pledge(model: Any, *names: str) -> Callable[..., QuerySet[Any]]:
    """Return the scope of a model with a foreign key to the pledge; ``names`` are relations that its name needs."""

    def scope(user: Any, *rights: PledgePermission) -> QuerySet[Any]:
        rows = model._default_manager.select_related("pledge__collection", *names)
        return rows if is_active_superuser(user) else rows.filter(pledge__in=visible_to(user, *rights).values("pk"))

    return scope


def _identity(pledge: Pledge) -> Pledge:
    return pledge


PLEDGE_POLICY: Final = PledgePermissionPolicy(Pledge, actions=PLEDGE_ACTIONS, scope=visible_to, get_pledge=_identity)
SIGNER_TYPE_POLICY: Final = PledgePermissionPolicy(
    SignerType, actions=SIGNER_TYPE_ACTIONS, scope=_scope_through_pledge(SignerType)
)
STATEMENT_POLICY: Final = PledgePermissionPolicy(
    Statement, actions=STATEMENT_ACTIONS, scope=_scope_through_pledge(Statement, "signer_type__pledge")
)
MESSAGE_POLICY: Final = PledgePermissionPolicy(
    OutboxMessage, actions=MESSAGE_ACTIONS, scope=_scope_through_pledge(OutboxMessage)
)
SIGNATURE_POLICY: Final = PledgePermissionPolicy(
    get_signature_model(), actions=SIGNATURE_ACTIONS, scope=signatures_visible_to
)
ORGANIZATION_POLICY: Final = OrganizationPolicy(
    Organization, actions=ORGANIZATION_ACTIONS, scope=organizations_visible_to
)


def register_policies() -> None:
    """Tell Wagtail 8's registry; Wagtail 7.4 has none and takes the policies from the viewsets."""
    register = getattr(wagtail_permissions, "register_permission_policy", None)
    if register is None:
        return
    policies = (
        PLEDGE_POLICY,
        SIGNER_TYPE_POLICY,
        STATEMENT_POLICY,
        MESSAGE_POLICY,
        SIGNATURE_POLICY,
        ORGANIZATION_POLICY,
    )
    for policy in policies:
        register(policy.model, policy)
