"""The picture of a page, brought in one query with every size of it that was made before."""

from __future__ import annotations

from typing import Any

from wagtail.images import get_image_model


def bring_picture(page: Any) -> None:
    """Load ``page.image`` with its renditions, where the page has a picture that is not loaded yet.

    All of them: Wagtail takes a size that is not among those that were brought for one to be made, each time anew.
    Where none was made yet, Wagtail loads the picture when it makes them.
    """
    if not getattr(page, "image_id", None) or page._meta.get_field("image").is_cached(page):
        return
    renditions = list(
        get_image_model().get_rendition_model().objects.filter(image=page.image_id).select_related("image")
    )
    if not renditions:
        return
    picture = renditions[0].image
    for rendition in renditions:
        rendition.image = picture
    # As ``prefetch_renditions`` leaves them
    picture.prefetched_renditions = renditions
    page.image = picture
