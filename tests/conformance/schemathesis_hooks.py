"""What Schemathesis must know of idempotency: a client takes a new key for every new request, and keeps it for retries only."""

from typing import Any
from uuid import uuid4

import schemathesis

_NAMES = ("Idempotency-Key", "X-Idempotency-Key")


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, __: dict[str, Any]) -> None:
    """Give every generated key its own end, so that no two requests share one by chance."""
    for name in _NAMES:
        if case.headers and case.headers.get(name):
            case.headers[name] = f"{uuid4()}"
