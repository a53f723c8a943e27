"""Keeps secrets out of what the operators read: tokens and keys, socket tickets and response addresses in log lines.

Slack's own libraries print request data and socket addresses, in errors above all.
"""

import logging
import re

_SECRETS = (
    re.compile(r"\bxox[a-z](?:\.[a-z0-9]+)?-[\w.%-]+", re.IGNORECASE),
    re.compile(r"\b(?:xapp|xwfp|xoxe)-[\w.%-]+", re.IGNORECASE),
    re.compile(r"(?<=ticket=)[^&\s'\"<>)]+", re.IGNORECASE),
    re.compile(r"(?<=hooks\.slack\.com/)[^\s'\"<>)]+", re.IGNORECASE),
    re.compile(r"\boec_[a-z]+_[\w-]+"),
    re.compile(r"\bwhsec_[\w+/-]+=*"),
    re.compile(r"\bv0=[0-9a-f]{16,}"),
    re.compile(r"(?<=Bearer )[\w.~+/%-]+=*", re.IGNORECASE),
)
_FIELDS = re.compile(r"(['\"](?:response_url|trigger_id|token|bot_token)['\"]:\s*['\"])[^'\"]+")
_HIDDEN = "•••"
_TRACEBACKS = logging.Formatter()


def redact(text: str) -> str:
    """The text with every secret in it replaced by `•••`."""
    for secret in _SECRETS:
        text = secret.sub(_HIDDEN, text)
    return _FIELDS.sub(rf"\1{_HIDDEN}", text)


class RedactingFilter(logging.Filter):
    """Redacts a log record's message and traceback. Belongs on handlers: a logger's filters miss its children."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without its secrets."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _TRACEBACKS.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


def quieten_slack_loggers() -> None:
    """Keep Slack's libraries at INFO or above: below it they print whole payloads, whatever the root level says."""
    for name in ("slack_sdk", "slack_bolt"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
