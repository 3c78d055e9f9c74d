"""Who may do what: an editor who writes, a moderator who decides on signatures, and the one who may do everything."""

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

ANYWHERE: Final = {
    EDITORS: ("wagtailadmin.access_admin", "wagtail_localize.submit_translation"),
    MODERATORS: ("wagtailadmin.access_admin",),
}
ON_PAGES: Final = {EDITORS: ("add", "change", "publish"), MODERATORS: ()}
ON_COLLECTION: Final = {
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
    """Return the campaign's collection."""
    root = Collection.get_first_root_node()
    return root.get_children().filter(name=COLLECTION).first() or root.add_child(name=COLLECTION)


def _permissions(names: Iterable[str]) -> list[Permission]:
    wanted = Q(pk=None)
    for name in names:
        app, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.filter(wanted))


def load_groups(collection: Collection, homes: Iterable[Any]) -> None:
    """Write both groups with their rights on the pages below ``homes`` and on the campaign's collection."""
    for name, pages in ON_PAGES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*_permissions(ANYWHERE[name]))
        for permission in _permissions(f"wagtailcore.{action}_page" for action in pages):
            for home in homes:
                GroupPagePermission.objects.get_or_create(group=group, page_id=home.pk, permission=permission)
        for permission in _permissions(ON_COLLECTION[name]):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


def load_users(password: str | None) -> str | None:
    """Write the three users. Returns the password they have now, ``None`` if it is the one they had.

    ``password`` is given to all of them; without one, users that are new get one that is made up.
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
            # Wagtail's account page saves nothing, the language of the admin neither, for people without a name
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
