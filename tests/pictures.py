"""Pictures whose crop can be told: red above, blue below."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Collection

SIZE = (1200, 2400)


def picture_in_two_colours(title: str = "March") -> Any:
    """Save a tall image and return it: its upper half is red, its lower half blue."""
    drawn = Image.new("RGB", SIZE, (220, 0, 0))
    drawn.paste((0, 0, 220), (0, SIZE[1] // 2, *SIZE))
    output = BytesIO()
    drawn.save(output, "PNG")
    output.seek(0)
    collection = Collection.objects.first() or Collection.add_root(name="Root")
    file = ImageFile(output, name="two-colours.png")
    return get_image_model().objects.create(title=title, file=file, collection=collection)


def focus_on(image: Any, *, y: int) -> None:
    """Set the focal point of the image, as an editor does: a square of 200 pixels."""
    image.focal_point_x, image.focal_point_y = SIZE[0] // 2, y
    image.focal_point_width = image.focal_point_height = 200
    image.save()


def colours_of(url: str) -> set[str]:
    """Return the colours at the upper and the lower edge of the picture that the site serves at ``url``."""
    name = url.partition(settings.MEDIA_URL)[2]
    with default_storage.open(name) as file, Image.open(file) as picture:
        rgb = picture.convert("RGB")
        edges: list[Any] = [rgb.getpixel((rgb.width // 2, y)) for y in (2, rgb.height - 3)]
    return {"red" if red > blue else "blue" for red, _green, blue in edges}
