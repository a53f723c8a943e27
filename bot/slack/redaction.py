"""Keeps secrets out of what the operators read: tokens and keys, socket tickets and response addresses in log lines.

Slack's own libraries print request data and socket addresses, in errors above all. What a secret looks like is known of
most of them; of those that this process was given, each is known itself, and hidden in whatever disguise it comes.
"""

import base64
import logging
import re
from collections.abc import Iterable
from urllib.parse import quote

_SECRETS = (
    re.compile(r"\bxox[a-z](?:\.[a-z0-9]+)?-[\w.%-]+", re.IGNORECASE),
    re.compile(r"\b(?:xapp|xwfp|xoxe)-[\w.%-]+", re.IGNORECASE),
    re.compile(r"(?<=ticket=)[^&\s'\"<>)]+", re.IGNORECASE),
    re.compile(r"(?<=hooks\.slack\.com/)[^\s'\"<>)]+", re.IGNORECASE),
    re.compile(r"\boec_[a-z]+_[\w-]{4,}"),
    re.compile(r"\bwhsec_[\w+/-]+=*"),
    re.compile(r"\bv0=[0-9a-f]{16,}"),
    re.compile(r"(?<=Bearer )[\w.~+/%-]+=*", re.IGNORECASE),
)
_USERINFO = re.compile(r"(?<=://)[^\s/@:]{0,200}:[^\s/@]{1,500}(?=@)")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORTEST_KNOWN = 6
"""Anything shorter is no secret, and hiding it would hide half of the log."""

_FIELDS = re.compile(r"(['\"](?:response_url|trigger_id|token|bot_token)['\"]:\s*['\"])[^'\"]+")
_HIDDEN = "•••"
_TRACEBACKS = logging.Formatter()


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text with every secret in it replaced by `•••`; `known` ones whatever they look like."""
    for word in known:
        text = text.replace(word, _HIDDEN)
    for secret in (*_SECRETS, _USERINFO):
        text = secret.sub(_HIDDEN, text)
    return _FIELDS.sub(rf"\1{_HIDDEN}", text)


def disguises_of(secret: str) -> tuple[str, ...]:
    """A secret as it is, as a part of an address, and as a part of whatever is written in base 64; the longest first."""
    raw = secret.encode()
    shifted = (base64.b64encode(b"\0" * shift + raw) for shift in range(3))
    # of the first and the last sign or two only some bits are the secret's
    inner = (
        whole.decode()[(0, 2, 3)[shift] : (len(raw) + shift) * 8 // 6] for shift, whole in enumerate(shifted)
    )
    both = [form for text in inner for form in (text, text.replace("+", "-").replace("/", "_"))]
    forms = dict.fromkeys((secret, quote(secret, safe=""), *both))
    return tuple(sorted((form for form in forms if len(form) >= _SHORTEST_KNOWN), key=len, reverse=True))


def make_printable(text: str) -> str:
    """Text on one line that no terminal obeys: foreign words must not pass for lines of the log."""
    return _UNPRINTABLE.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


class RedactingFilter(logging.Filter):
    """Redacts a log record's message and traceback. Belongs on handlers: a logger's filters miss its children."""

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[str, ...] = ()

    def hide(self, secrets: Iterable[str]) -> None:
        """Let these never pass again, in no disguise."""
        self._known += tuple(form for secret in secrets for form in disguises_of(secret))

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without its secrets."""
        record.msg, record.args = make_printable(redact(record.getMessage(), self._known)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _TRACEBACKS.formatException(record.exc_info)
        if record.exc_text:
            shown = redact(record.exc_text, self._known)
            record.exc_text = "\n".join(map(make_printable, shown.split("\n")))
        return True


def quieten_slack_loggers() -> None:
    """Keep Slack's libraries at INFO or above: below it they print whole payloads, whatever the root level says."""
    for name in ("slack_sdk", "slack_bolt"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
