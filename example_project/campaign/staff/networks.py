"""The key by which failed logins are counted: of a network, but not its address."""

from __future__ import annotations

import hashlib
import ipaddress

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from wagtail_pledge.core.http import client_address, network_of


def login_network(request: HttpRequest) -> str:
    """Return a keyed hash of the client's network in the form of an IPv6 address (``AXES_CLIENT_IP_CALLABLE``).

    django-axes stores it with each failed login, in a column for addresses; the site stores no address of anybody.
    """
    digest = salted_hmac(__name__, network_of(client_address(request)), algorithm=hashlib.sha256().name).digest()
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))
