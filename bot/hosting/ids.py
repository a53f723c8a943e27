"""Ids as the platform forms them: nothing else may become part of a path."""

import re
from typing import TypeGuard

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def is_uuid(value: object) -> TypeGuard[str]:
    """Whether this is the text of a UUID."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None
