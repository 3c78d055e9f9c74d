"""Permissions on pledges, and the permission policies that Wagtail's admin uses for our models.

A permission on ``Pledge`` is granted to a group for a collection (``GroupCollectionPermission``), and holds for the
collections below it. Page permissions and model permissions count for nothing here.
"""

from __future__ import annotations

from collections import abc
from enum import StrEnum
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext
from wagtail import permissions as wagtail_permissions
from wagtail.models import Collection
from wagtail.permission_policies.collections import CollectionPermissionPolicy

from wagtail_pledge.delivery.managers import RecipientQuerySet
from wagtail_pledge.delivery.models import DecisionStage, Recipient
from wagtail_pledge.signing.managers import PledgeQuerySet, SignatureQuerySet
from wagtail_pledge.signing.models import (
    Organization,
    OutboxMessage,
    Pledge,
    SignerType,
    Statement,
    Submission,
    get_signature_model,
)


class PledgePermission(StrEnum):
    """Codenames of the permissions on ``Pledge``."""

    ADD = "add_pledge"
    CHANGE = "change_pledge"
    DELETE = "delete_pledge"
    MODERATE = "moderate_pledge"
    CONTACT = "view_contact_data"
    VIEW = "view_pledge"


class PledgePermissionPolicy(CollectionPermissionPolicy):  # type: ignore[misc]
    """Wagtail's collection policy with our codenames: the policy of ``Pledge``.

    ``actions`` maps a Wagtail action to the permission that it needs; ``view`` needs any of them. An action that is
    not listed is denied to everyone, superusers included. A :class:`PledgePermission` is also accepted as an action.
    """

    permission_cache_name = "_wagtail_pledge_permissions"
    select_related: tuple[str, ...] = ("collection",)

    def __init__(self, model: Any, actions: abc.Mapping[str, PledgePermission], *select_related: str) -> None:
        super().__init__(model, auth_model=Pledge)
        self.needed: dict[str, set[PledgePermission]] = {"view": set(PledgePermission)}
        self.needed |= {action: {permission} for action, permission in actions.items()}
        self.needed |= {permission: {permission} for permission in PledgePermission}
        self.select_related = (*self.select_related, *select_related)

    def permissions_for(self, actions: abc.Iterable[str]) -> set[PledgePermission]:
        """Return the permissions of which one is needed for one of ``actions``."""
        return {permission for action in actions for permission in self.needed.get(action, ())}

    def get_all_permissions_for_user(self, user: Any) -> Any:
        """Return the user's grants of our permissions, without those on images and documents."""
        return super().get_all_permissions_for_user(user).filter(permission__content_type__app_label=self.app_label)

    def _get_user_permission_objects_for_actions(self, user: Any, actions: abc.Iterable[str]) -> set[Any]:
        codenames = self.permissions_for(actions)
        return {grant for grant in self.get_cached_permissions_for_user(user) if grant.permission.codename in codenames}

    def _get_permission_objects_for_actions(self, actions: abc.Iterable[str]) -> QuerySet[Permission]:
        codenames = self.permissions_for(actions)
        return Permission.objects.filter(content_type__app_label=self.app_label, codename__in=codenames)

    def _check_perm(self, user: Any, actions: abc.Collection[str], collection: Any = None) -> bool:
        return bool(self.permissions_for(actions)) and super()._check_perm(user, actions, collection)

    def _users_with_perm(self, actions: abc.Collection[str], collection: Any = None) -> QuerySet[Any]:
        users: QuerySet[Any] = super()._users_with_perm(actions, collection)
        return users if self.permissions_for(actions) else users.none()

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        """Whether ``user`` may do ``action`` on this row."""
        return bool(self.user_has_any_permission_for_instance(user, [action], instance))

    def instances_user_has_any_permission_for(self, user: Any, actions: abc.Collection[str]) -> Any:
        """Return the rows on which ``user`` may do one of ``actions``, as a queryset of the model's own class."""
        # Without a name it would follow every foreign key; None means none of them
        rows = self.model._default_manager.select_related(*(self.select_related or [None]))
        if not self.user_has_any_permission(user, actions):
            return rows.none()
        return rows if user.is_superuser else self._filter_granted(rows, user, actions)

    def _filter_granted(self, rows: Any, user: Any, actions: abc.Collection[str]) -> Any:
        # Wagtail's policy evaluates the collections first, which costs one more query
        return rows.filter(collection__in=self.collections_user_has_any_permission_for(user, actions))

    def _pledges(self, user: Any, actions: abc.Collection[str]) -> QuerySet[Any]:
        """Return the ids of the pledges on which ``user`` may do one of ``actions``."""
        permissions = self.permissions_for(actions)
        pledges: QuerySet[Any] = PLEDGE_POLICY.instances_user_has_any_permission_for(user, permissions)
        return pledges.values("pk")


class PledgeRelatedPolicy(PledgePermissionPolicy):
    """Policy of a model with a foreign key to ``Pledge``: the permissions are those on the pledge."""

    select_related = ("pledge__collection",)

    def user_has_any_permission_for_instance(self, user: Any, actions: abc.Collection[str], instance: Any) -> bool:
        """Whether ``user`` may do one of ``actions`` on this row."""
        return self._check_perm(user, actions, instance.pledge.collection)

    def users_with_any_permission_for_instance(self, actions: abc.Collection[str], instance: Any) -> QuerySet[Any]:
        """Return the users who may do one of ``actions`` on this row."""
        return self._users_with_perm(actions, instance.pledge.collection)

    def _filter_granted(self, rows: Any, user: Any, actions: abc.Collection[str]) -> Any:
        return rows.filter(pledge__in=self._pledges(user, actions))


class SubmissionPolicy(PledgeRelatedPolicy):
    """Policy of submissions: they are personal data throughout, so even viewing needs the right to contact data."""

    def __init__(self, model: Any, *select_related: str) -> None:
        super().__init__(model, {}, *select_related)
        self.needed["view"] = {PledgePermission.CONTACT}


class OrganizationPolicy(PledgePermissionPolicy):
    """Policy of organizations, which several pledges may share.

    A user may view those that signed a pledge that the user may view. To change one, the user must be allowed to
    moderate every pledge that it signed.
    """

    select_related = ()

    def user_has_any_permission_for_instance(self, user: Any, actions: abc.Collection[str], instance: Any) -> bool:
        """Whether ``user`` may do one of ``actions`` on this organization. One query."""
        row = self.instances_user_has_any_permission_for(user, actions).filter(pk=instance.pk).first()
        return row is not None and ("view" in actions or not row.signed_elsewhere)

    def users_with_any_permission_for_instance(self, actions: abc.Collection[str], instance: Any) -> QuerySet[Any]:
        """Return the users who may do one of ``actions`` on some organization."""
        return self._users_with_perm(actions)

    def instances_user_has_any_permission_for(self, user: Any, actions: abc.Collection[str]) -> Any:
        """Return the organizations that signed a pledge on which ``user`` may do one of ``actions``.

        Each has ``signed_elsewhere``: whether it also signed a pledge that ``user`` may not moderate. Superusers
        also get the organizations that no signature uses.
        """
        elsewhere = _signatures_of_organization().exclude(pledge__in=self._pledges(user, [PledgePermission.MODERATE]))
        rows = super().instances_user_has_any_permission_for(user, actions)
        return rows.annotate(signed_elsewhere=Exists(elsewhere))

    def _filter_granted(self, rows: Any, user: Any, actions: abc.Collection[str]) -> Any:
        return rows.filter(Exists(_signatures_of_organization().filter(pledge__in=self._pledges(user, actions))))


def _signatures_of_organization() -> Any:
    return get_signature_model()._default_manager.filter(organization=OuterRef("pk"))


ADD, CHANGE, DELETE, MODERATE, VIEW = (
    PledgePermission.ADD,
    PledgePermission.CHANGE,
    PledgePermission.DELETE,
    PledgePermission.MODERATE,
    PledgePermission.VIEW,
)
PLEDGE_POLICY: Final = PledgePermissionPolicy(Pledge, {"add": ADD, "change": CHANGE, "delete": DELETE})
SIGNER_TYPE_POLICY: Final = PledgeRelatedPolicy(SignerType, {"add": CHANGE, "change": CHANGE, "delete": DELETE})
STATEMENT_POLICY: Final = PledgeRelatedPolicy(Statement, {"delete": DELETE}, "signer_type__pledge")
MESSAGE_POLICY: Final = PledgeRelatedPolicy(OutboxMessage, {})
SIGNATURE_POLICY: Final = PledgeRelatedPolicy(get_signature_model(), {"change": MODERATE})
SUBMISSION_POLICY: Final = SubmissionPolicy(Submission, "statement__signer_type__pledge")
ORGANIZATION_POLICY: Final = OrganizationPolicy(Organization, {"change": MODERATE, "delete": MODERATE})
RECIPIENT_POLICY: Final = PledgePermissionPolicy(Recipient, {"add": CHANGE, "change": CHANGE, "delete": DELETE})
STAGE_POLICY: Final = PledgeRelatedPolicy(
    DecisionStage, {"add": CHANGE, "change": CHANGE, "delete": CHANGE}, "recipient"
)


def register_policies() -> None:
    """Register the policies with Wagtail 8. Wagtail 7.4 has no registry and takes them from the viewsets."""
    register = getattr(wagtail_permissions, "register_permission_policy", None)
    if register is None:
        return
    policies: tuple[PledgePermissionPolicy, ...] = (
        PLEDGE_POLICY,
        SIGNER_TYPE_POLICY,
        STATEMENT_POLICY,
        MESSAGE_POLICY,
        SIGNATURE_POLICY,
        SUBMISSION_POLICY,
        ORGANIZATION_POLICY,
        RECIPIENT_POLICY,
        STAGE_POLICY,
    )
    for policy in policies:
        register(policy.model, policy)


def has_any_permission(user: Any, *permissions: PledgePermission) -> bool:
    """Whether ``user`` has one of ``permissions`` (default: any) on some collection."""
    return bool(PLEDGE_POLICY.user_has_any_permission(user, permissions or ["view"]))


def has_permission_on(user: Any, pledge: Pledge, *permissions: PledgePermission) -> bool:
    """Whether ``user`` has one of ``permissions`` (default: any) on ``pledge``."""
    return bool(PLEDGE_POLICY.user_has_any_permission_for_instance(user, permissions or ["view"], pledge))


def may_see_contact(user: Any, signature: Any) -> bool:
    """Whether ``user`` may see the name and email address of ``signature``."""
    return has_permission_on(user, signature.pledge, PledgePermission.CONTACT)


def may_moderate(user: Any, signature: Any) -> bool:
    """Whether ``user`` may approve and reject ``signature``."""
    return has_permission_on(user, signature.pledge, PledgePermission.MODERATE)


def visible_to(user: Any, *permissions: PledgePermission) -> PledgeQuerySet:
    """Return the pledges on which ``user`` has one of ``permissions`` (default: any). Superusers get all."""
    pledges: PledgeQuerySet = PLEDGE_POLICY.instances_user_has_any_permission_for(user, permissions or ["view"])
    return pledges


def choosable_by(user: Any) -> PledgeQuerySet:
    """Return the pledges that ``user`` may choose in forms: those that they may see and that are not archived."""
    return visible_to(user).in_use()


def recipients_visible_to(user: Any) -> RecipientQuerySet:
    """Return the decision-makers in the collections where ``user`` has any of our permissions."""
    recipients: RecipientQuerySet = RECIPIENT_POLICY.instances_user_has_any_permission_for(user, ["view"])
    return recipients


def signatures_visible_to(user: Any, *permissions: PledgePermission) -> SignatureQuerySet:
    """Return the signatures of the pledges that :func:`visible_to` returns, with their pledges."""
    signatures: SignatureQuerySet = SIGNATURE_POLICY.instances_user_has_any_permission_for(
        user, permissions or ["view"]
    )
    return signatures


def collection_for_new_pledge(user: Any) -> Collection | None:
    """Return the first collection in which ``user`` may change pledges, ``None`` if there is none.

    Also ``None`` for a superuser, who may do so in all of them.
    """
    if user.is_active and user.is_superuser:
        return None
    collections = PLEDGE_POLICY.collections_user_has_permission_for(user, "change")
    first: Collection | None = collections.order_by("path").first()
    return first


def collections_to_move_to(user: Any, pledge: Pledge) -> QuerySet[Collection]:
    """Return the collections into which ``user`` may move ``pledge``, its own included; three queries.

    The user needs the permission to add pledges there. Nobody, the user included, may thereby get a permission on the
    pledge that they lack where it is. A superuser, who grants permissions anyway, may move it anywhere.
    """
    allowed: QuerySet[Collection] = PLEDGE_POLICY.collections_user_has_permission_for(user, ADD)
    if user.is_active and user.is_superuser:
        return allowed
    grants = _grants()
    here = _rights_in(pledge.collection.path, grants)
    unchanged = [row.pk for row in allowed if _rights_in(row.path, grants) <= here]
    targets: QuerySet[Collection] = Collection.objects.filter(pk__in=[pledge.collection_id, *unchanged])
    return targets


def _grants() -> list[tuple[str, str, Any]]:
    """Return (path of the collection, codename, primary key of the user) of every grant to an active user."""
    through = "groups__collection_permissions"
    permissions = Permission.objects.filter(
        content_type__app_label=PLEDGE_POLICY.app_label, codename__in=list(PledgePermission)
    )
    granted = get_user_model()._default_manager.filter(is_active=True, **{f"{through}__permission__in": permissions})
    return list(granted.values_list(f"{through}__collection__path", f"{through}__permission__codename", "pk"))


def _rights_in(path: str, grants: abc.Iterable[tuple[str, str, Any]]) -> set[tuple[Any, str]]:
    """Return who has which permission on the pledges in the collection at ``path``; each includes viewing them."""
    rights: set[tuple[Any, str]] = set()
    for granted_path, codename, user in grants:
        if path.startswith(granted_path):
            # The permission to add concerns the collection, not its pledges
            rights |= {(user, str(VIEW)), (user, str(VIEW) if codename == ADD else codename)}
    return rights


def describe_pledges(collection: Any) -> dict[str, Any] | None:
    """Return what Wagtail shows about the pledges in ``collection``, ``None`` if there are none."""
    count = Pledge.objects.filter(collection=collection).count()
    if not count:
        return None
    text = ngettext("%(count)s campaign", "%(count)s campaigns", count) % {"count": count}
    return {"count": count, "count_text": text, "url": reverse("wagtail_pledge_pledges:index")}


def describe_recipients(collection: Any) -> dict[str, Any] | None:
    """Return what Wagtail shows about the decision-makers in ``collection``, ``None`` if there are none."""
    count = Recipient.objects.filter(collection=collection).count()
    if not count:
        return None
    text = ngettext("%(count)s decision-maker", "%(count)s decision-makers", count) % {"count": count}
    return {"count": count, "count_text": text, "url": reverse("wagtail_pledge_recipients:index")}
