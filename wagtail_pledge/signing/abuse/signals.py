"""What the door notices in one form: any signal holds the signature, the answer stays the same.

Plain functions of what was typed: no database, no network, and lengths were checked before.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.abuse.domains import is_disposable, looks_like_a_provider, unicode_domain
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.names import has_web_address

_DOT_BETWEEN_LETTERS: Final = re.compile(r"\w\.(?=\w)")
MAX_DOTS: Final = 2


def _name_signal(name: str) -> str:
    if has_web_address(name) or "@" in name or len(_DOT_BETWEEN_LETTERS.findall(name)) > MAX_DOTS:
        return "name_link"
    letters = [char for char in name.casefold() if char.isalnum()]
    return "name_letters" if len(set(letters)) < 2 <= len(name) or len(letters) < 2 else ""


def door_signals(*, data: SignerData, stamp_age: dt.timedelta, honeypot: bool) -> tuple[str, ...]:
    """Return the codes of what looks wrong, ``()`` for a clear form.

    ``stamp_age`` is the time since the form was fetched; ``honeypot`` whether the field for nobody was filled.
    Codes: ``honeypot``, ``fast``, ``name_link``, ``name_letters``, ``disposable``, ``look_alike``.
    """
    domain = unicode_domain(data.email)
    found = (
        "honeypot" if honeypot else "",
        "fast" if stamp_age < dt.timedelta(seconds=get_setting("STAMP_MIN_SECONDS")) else "",
        _name_signal(data.name),
        "disposable" if is_disposable(domain) else "",
        "look_alike" if looks_like_a_provider(domain) else "",
    )
    return tuple(code for code in found if code)
