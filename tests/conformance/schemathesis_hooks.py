"""What Schemathesis must know beyond the document: idempotency keys are never used twice for different requests, and the
only good cursors are those the service has given.
"""

from typing import Any
from uuid import uuid4

import schemathesis

_GIVEN = "YWZ0ZXI6"  # how every cursor of the simulator begins
_NAMES = ("Idempotency-Key", "X-Idempotency-Key")


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Give every generated key its own value, and leave out made-up cursors."""
    for name in _NAMES:
        if case.headers and case.headers.get(name):
            case.headers[name] = f"{uuid4()}"
    if case.query and not str(case.query.get("cursor", "")).startswith(_GIVEN):
        case.query.pop("cursor", None)
