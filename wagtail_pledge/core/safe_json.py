"""JSON that stays data wherever it is put: in a page, in a script, in an attribute."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

#: What could end the element that the text stands in or open a comment there, and what ended a line of JavaScript
#: before ES2019.
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}


def safe_json(data: Any) -> str:
    """Return ``data`` as JSON without angle brackets, ampersands and the line ends of Unicode."""
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPES)
