"""Webhooks of oec.sh: is this delivery signed with our secret, and which tasks or environments does it name?

The platform signs every delivery with HMAC-SHA256; its header, encoding, prefix and payload are not documented, so the
first three are settings, and the body is not believed: whatever ids stand in it are a hint to look at those tasks now.
Deliveries that do not fit the settings are refused.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.core.arrivals import Answer, Refused, SeenLately

MOST_BYTES = 256 * 1024
"""A delivery tells of one task or environment; nothing that long is one."""

LONGEST_AGE = timedelta(minutes=5)
"""How far a delivery's own time may be from ours, where it tells one."""

REMEMBERED = timedelta(minutes=1)
"""How long the same bytes count as the same delivery. Not longer: where the platform gives its deliveries neither
an id nor a time, two different ones may look alike, and a hint too many costs one look."""

MOST_REMEMBERED = 4_096
MOST_IDS = 100
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with, not one

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TELLING_HEADER = re.compile(r"[A-Za-z0-9-]{0,30}(?:sign|hmac|digest|time)[A-Za-z0-9-]{0,30}", re.IGNORECASE)
_MILLISECONDS = 10**11

Headers = Mapping[str, str]
Hint = Callable[[frozenset[str]], None]
"""Told the ids that a delivery names; must not wait for anything."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How deliveries are signed: any one of the secrets, in this header. Both are good while one is being changed.

    With a `time_header` a delivery must tell its time there, as Unix seconds or ISO 8601, and may be signed over
    `<time>.<body>` as well as over the body alone.
    """

    secrets: tuple[str, ...] = field(repr=False)
    header: str = "X-Webhook-Signature"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = "sha256="
    time_header: str | None = None


class Webhooks:
    """Takes deliveries: checks the signature, passes the hint on, answers at once. `headers` must ignore case."""

    most_bytes = MOST_BYTES

    def __init__(self, signing: Signing, *, hint: Hint, now: Callable[[], datetime]) -> None:
        self._signing = signing
        self._hint = hint
        self._now = now
        self._seen = SeenLately(span=REMEMBERED, most=MOST_REMEMBERED)

    async def take(self, headers: Headers, body: bytes) -> Answer | Refused:
        """Take one delivery, or refuse it. One that comes again is answered and hints at nothing."""
        now = self._now()
        refused = find_fault(self._signing, headers, body, now=now)
        if refused is not None:
            return refused
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return Refused(400, "signed, but not readable as JSON")
        if self._seen.is_new(hashlib.sha256(body).hexdigest(), now):
            self._hint(find_ids(told))
        return Answer(204)


def find_fault(signing: Signing, headers: Headers, body: bytes, *, now: datetime) -> Refused | None:
    """Why this delivery is none of the platform's; None where it is signed with one of our secrets."""
    given = headers.get(signing.header)
    if not given:
        return Refused(401, f"without the header {signing.header}", _find_telling_headers(headers))
    sent = None if signing.time_header is None else headers.get(signing.time_header, "")
    if sent is not None:
        sent_at = read_time(sent)
        if sent_at is None:
            return Refused(401, f"without a time in {signing.time_header}")
        if abs(now - sent_at) > LONGEST_AGE:
            return Refused(401, "older than five minutes")
    return None if is_signed(signing, given, body, sent=sent) else Refused(401, "with a wrong signature")


def is_signed(signing: Signing, given: str, body: bytes, *, sent: str | None = None) -> bool:
    """Whether `given` is the signature of this body under one of the secrets, found out in constant time."""
    contents = [body] if sent is None else [body, sent.encode(errors="replace") + b"." + body]
    expected = [
        signing.prefix + _write(hmac.new(key, content, hashlib.sha256).digest(), signing.encoding)
        for key in _keys(signing.secrets)
        for content in contents
    ]
    told = given.encode(errors="replace")
    # every one is compared, so that the time it takes does not tell which secret was close
    fits = [hmac.compare_digest(one.encode(), told) for one in expected]
    return any(fits)


def _keys(secrets: tuple[str, ...]) -> Iterator[bytes]:
    """Each secret, and without `whsec_`: whether that belongs to the key is not documented."""
    for secret in secrets:
        yield secret.encode()
        if secret.startswith(SECRET_PREFIX) and secret != SECRET_PREFIX:
            yield secret.removeprefix(SECRET_PREFIX).encode()


def _write(digest: bytes, encoding: str) -> str:
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def read_time(text: str) -> datetime | None:
    """A time as Unix seconds or milliseconds or in ISO 8601; None for anything else."""
    try:
        if text.isascii() and text.isdigit() and len(text) <= 13:
            number = int(text)
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def find_ids(told: Any) -> frozenset[str]:
    """Every id in a payload of whatever shape: the texts under keys that end in `id`, at most so many."""
    found: set[str] = set()
    left = [told]
    while left and len(found) < MOST_IDS:
        value = left.pop()
        if isinstance(value, list):
            left.extend(value)
        elif isinstance(value, dict):
            left.extend(value.values())
            found.update(one for name, one in value.items() if name.lower().endswith("id") and _is_id(one))
    return frozenset(sorted(found)[:MOST_IDS])


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _find_telling_headers(headers: Headers) -> str:
    """Which headers look like the platform's own way of signing, for whoever sets the bot up."""
    named = sorted({name for name in headers if _TELLING_HEADER.fullmatch(name)})[:5]
    return f"it has {', '.join(named)}" if named else ""
