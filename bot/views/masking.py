"""Secrets in foreign text are shown as `•••`: logs, errors and reasons may hold them, and chat keeps everything."""

import re
from collections.abc import Callable

from bot.views.marked import clean

MASK = "•••"

_WINDOW = 32_000
"""No more than this is looked through; what is shown of a longer text is its end, which is inside."""

_TELLING = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|"
    r"auth(?:orization)?|credentials?|session[_-]?id|cookie|key|dsn)"
)
_KEY_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_KEY_END = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

_Pattern = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _is_opaque(text: str) -> bool:
    """Whether a long word looks drawn at random, not written: lower case, upper case and digits, all of them."""
    return (
        any(one.islower() for one in text)
        and any(one.isupper() for one in text)
        and sum(one.isdigit() for one in text) >= 3
    )


def _mask_opaque(match: re.Match[str]) -> str:
    return MASK if _is_opaque(match.group()) else match.group()


_PATTERNS: tuple[_Pattern, ...] = (
    (re.compile(rf"{_KEY_BEGIN}.*?(?:{_KEY_END}|\Z)", re.DOTALL), MASK),
    (re.compile(rf"\A.*?{_KEY_END}", re.DOTALL), MASK),
    (
        re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@:]{0,200}:[^\s/@]{1,500}@", re.IGNORECASE),
        rf"\1{MASK}@",
    ),
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@:]{8,500}@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"\bhttps://hooks\.slack\.com/[^\s\"'<>]+"), f"https://hooks.slack.com/{MASK}"),
    (re.compile(r"\b(?:xox[a-z]|xapp|xwfp)[-.][A-Za-z0-9._-]{4,}"), MASK),
    (re.compile(r"\boec_(?:live|test)_[A-Za-z0-9_-]{4,}"), MASK),
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]{4,}"), MASK),
    (
        re.compile(r"\b(?:gh[oprsu]_|github_pat_|glpat-|sk-|sk_live_|rk_live_|npm_|pypi-)[A-Za-z0-9_-]{8,}"),
        MASK,
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?"), MASK),
    (re.compile(r"\b((?:proxy-)?authorization\s*[:=]\s*)[^\r\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b((?:set-)?cookie\s*:\s*)[^\r\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(
            rf"({_TELLING}[\"']?\s{{0,3}}(?:=>|[:=])\s{{0,3}})"
            r"(?:\"[^\"\r\n]*\"?|'[^'\r\n]*'?|[^\s,;&\"']+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            rf"({_TELLING}(?:\s+(?:is|was))?[\s\"':]{{1,4}})"
            r"(?:[0-9a-f]{16,}|(?=[A-Za-z0-9+/_=-]*\d)[A-Za-z0-9+/_-]{16,}={0,2})",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?<!\S)((?:-w|--?pass(?:word)?|--db[_-]password)[ =])\S+"), rf"\1{MASK}"),
    (re.compile(r"[A-Za-z0-9+=_-]{40,}"), _mask_opaque),
)


def mask_secrets(text: str) -> str:
    """The end of a text with every secret in it replaced; masked text stays as it is when masked again.

    What is invisible is taken out first, so that it cannot tear a secret into parts that look harmless.
    """
    shown = clean(text[-_WINDOW:], multiline=True)
    for pattern, replacement in _PATTERNS:
        shown = pattern.sub(replacement, shown)
    return shown
