"""A user's second factor: an authenticator app (TOTP), and recovery codes for the day when it is lost."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES: Final = 10
_APP_CODE: Final = re.compile(r"\d{6}", re.ASCII)


def normalize_code(text: str) -> str:
    """Return a code as it is stored: without spaces and hyphens, in lower case."""
    return re.sub(r"[\s-]", "", text).lower()


def device_for_code(user: Any, code: str) -> Device | None:
    """Return the user's device that could have made ``code``: six digits come from the app, others are recovery codes.

    Only that device is asked, so that a wrong code counts against it and not against the other one.
    """
    model = TOTPDevice if _APP_CODE.fullmatch(code) else StaticDevice
    device: Device | None = model.objects.devices_for_user(user, confirmed=True).order_by("pk").first()
    return device


def new_app(user: Any) -> TOTPDevice:
    """Return the user's app that is not confirmed yet, created if needed: its key stays until it is confirmed."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    return device or TOTPDevice.objects.create(user=user, confirmed=False, name="app")


@transaction.atomic
def verify(user: Any, device: Device | None, code: str) -> bool:
    """Return whether ``code`` is valid now. A used code is spent; after wrong ones the device is closed for a while."""
    locked = Device.from_persistent_id(device.persistent_id, for_verify=True) if device else None
    return bool(locked and locked.user_id == user.pk and locked.verify_token(code))


@transaction.atomic
def new_recovery_codes(user: Any) -> list[str]:
    """Replace the user's recovery codes and return the new ones."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def activate(user: Any, device: TOTPDevice) -> list[str]:
    """Make ``device`` the user's only app, and return new recovery codes."""
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    return new_recovery_codes(user)


@transaction.atomic
def remove(user: Any) -> None:
    """Remove the user's second factor."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
