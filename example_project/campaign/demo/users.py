"""Loads the demo's users, groups and permissions: an administrator, an editor, and a moderator of signatures."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

COLLECTION: Final = "Migrant Workers Convention"
EDITORS: Final = "Campaign editors"
MODERATORS: Final = "Campaign moderators"

GLOBAL_PERMISSIONS: Final = {
    EDITORS: ("wagtailadmin.access_admin", "wagtail_localize.submit_translation"),
    MODERATORS: ("wagtailadmin.access_admin",),
}
PAGE_ACTIONS: Final = {EDITORS: ("add", "change", "publish"), MODERATORS: ()}
COLLECTION_PERMISSIONS: Final = {
    EDITORS: (
        "wagtailimages.add_image",
        "wagtailimages.change_image",
        "wagtailimages.choose_image",
        "wagtaildocs.add_document",
        "wagtaildocs.change_document",
        "wagtaildocs.choose_document",
        "wagtail_pledge.view_pledge",
        "wagtail_pledge.change_pledge",
    ),
    MODERATORS: (
        "wagtail_pledge.view_pledge",
        "wagtail_pledge.moderate_pledge",
        "wagtail_pledge.view_contact_data",
    ),
}
USERS: Final = {"admin": None, "editor": EDITORS, "moderator": MODERATORS}


def load_collection() -> Collection:
    """Return the campaign's collection; create it if it is missing."""
    root = Collection.get_first_root_node()
    return root.get_children().filter(name=COLLECTION).first() or root.add_child(name=COLLECTION)


def _permissions(names: Iterable[str]) -> list[Permission]:
    wanted = Q(pk=None)
    for name in names:
        app, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.filter(wanted))


def load_groups(collection: Collection, homes: Iterable[Any]) -> None:
    """Create both groups, with permissions on ``homes`` and their subpages and on the campaign's collection."""
    for name, pages in PAGE_ACTIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*_permissions(GLOBAL_PERMISSIONS[name]))
        for permission in _permissions(f"wagtailcore.{action}_page" for action in pages):
            for home in homes:
                GroupPagePermission.objects.get_or_create(group=group, page_id=home.pk, permission=permission)
        for permission in _permissions(COLLECTION_PERMISSIONS[name]):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


def load_users(password: str | None) -> str | None:
    """Create the three users. Return their new password, ``None`` if it has not changed.

    ``password`` is set for all of them. Without one, a password is generated if any of the users is new.
    """
    users = get_user_model()
    known = set(users.objects.filter(username__in=USERS).values_list("username", flat=True))
    if password is None and known == set(USERS):
        return None
    chosen = password or secrets.token_urlsafe(9)
    for username, group in USERS.items():
        defaults = {
            "is_superuser": group is None,
            "is_staff": group is None,
            "email": f"{username}@example.org",
            # Wagtail's account page, where users choose their language, requires a first and a last name
            "first_name": username.title(),
            "last_name": "Demo",
        }
        user, _created = users.objects.get_or_create(username=username, defaults=defaults)
        if group is not None:
            user.groups.add(Group.objects.get(name=group))
        if not user.check_password(chosen):
            user.set_password(chosen)
            user.save()
    return chosen
