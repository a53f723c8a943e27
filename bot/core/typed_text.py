"""What a person typed, cleaned of what keyboards, phones and Slack add to it, and cut into words.

Three kinds of additions: Slack writes links and people as `<…|…>` and escapes `&`, `<`, `>`; phones write smart
quotes, long dashes and a final full stop; copying brings blanks of every width and characters nobody sees.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_ECHO = 80
"""How much of a word that was not understood is ever repeated."""

LONGEST_ASK = 10_000
"""Characters of a request that are read: fifty modules with the longest names take a third of it."""

MOST_WORDS = 200
"""Words of a request that are read."""

_UNREAD = "…"
"""Stands for what was not read. It is no word, so that no request means anything that ends in it."""

_ANGLED = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"(?i:[/@]oec[\w-]*)|@[UW][A-Z0-9]{2,}")
_KEY = re.compile(r"-{0,2}([A-Za-z][A-Za-z_-]{0,30})=(.*)", re.DOTALL)
_SINGLE_QUOTES = "'‘’‚‛‹›"
_AS_BLANK = frozenset('"“”„‟«»`*')


@dataclass(frozen=True, slots=True)
class Bare:
    """A word that stands alone. Words with a comma between them have the same `chunk`; `listed` tells there is one."""

    text: str
    chunk: int
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A `key=value`; the key is lower case with `_`, the value as typed."""

    key: str
    value: str
    chunk: int

    @property
    def text(self) -> str:
        """As it would be repeated."""
        return f"{self.key}={self.value}"


Token = Bare | Option


def read_tokens(text: str) -> tuple[Token, ...]:
    """The words of a request in order, without a leading `/oec` or mention of the bot.

    What is too long to be one ends in a word that is none: nothing may be carried out of which the end was not read.
    """
    whole = _without_slack_marks(_cut_off(text.strip()))
    words = "".join(_clean_character(character) for character in _cut_off(whole)).split()
    while words and _MENTION.fullmatch(words[0].rstrip(",:")):
        del words[0]
    if not words:
        return ()
    words[-1] = words[-1].rstrip(".!") or words[-1]
    chunks = _glue(" ".join(words)).split(" ")
    tokens = tuple(token for number, chunk in enumerate(chunks) for token in _cut(chunk, number))
    return tokens if len(tokens) <= MOST_WORDS else (*tokens[:MOST_WORDS], Bare(_UNREAD, len(chunks)))


def _cut_off(text: str) -> str:
    return text if len(text) <= LONGEST_ASK else f"{text[:LONGEST_ASK]} {_UNREAD}"


def _without_slack_marks(text: str) -> str:
    shown = _ANGLED.sub(lambda found: _shown(found[1]), text)
    unescaped = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return unicodedata.normalize("NFKC", unescaped)


def _shown(marked: str) -> str:
    """What Slack shows for `<…>`: a link's label, a channel's name; a person stays an id."""
    target, _, label = marked.partition("|")
    if target.startswith("@"):
        return target
    if target.startswith("#"):
        return f"#{label}" if label else target
    return label or target


def _clean_character(character: str) -> str:
    if character in _SINGLE_QUOTES:
        return "'"
    if character in _AS_BLANK or character.isspace():
        return " "
    match unicodedata.category(character):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case "Pd":
            return "-"
        case _:
            return "," if character in ";、" else character


def _glue(text: str) -> str:
    """Blanks around `,` and `=` mean nothing: `modules = sale, stock` is one word."""
    for mark in ",=":
        text = text.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return text


def _cut(chunk: str, number: int) -> tuple[Token, ...]:
    option = _KEY.fullmatch(chunk)
    if option is not None:
        return (Option(option[1].lower().replace("-", "_"), option[2].strip(",'"), number),)
    pieces = [piece for part in chunk.split(",") if (piece := part.strip("'"))]
    return tuple(Bare(piece, number, listed=len(pieces) > 1) for piece in pieces)
