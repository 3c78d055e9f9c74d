"""Repairs the page tree after a page was published whose number of children was outdated."""

from __future__ import annotations

from typing import Any

from wagtail_pledge.core.compat import get_page_model


def restore_child_count(instance: Any, **_kwargs: Any) -> None:
    """Correct ``numchild`` of a published page, which publishing overwrites with that of the revision's page.

    wagtail-localize 1.14 loads a translation, adds the translated children, and then publishes what it loaded. That
    says that there are no children, so neither the explorer nor ``get_children()`` finds them (its issue 773).
    """
    children = get_page_model().objects.filter(depth=instance.depth + 1, path__startswith=instance.path).count()
    if instance.numchild != children:
        instance.numchild = children
        get_page_model().objects.filter(pk=instance.pk).update(numchild=children)
