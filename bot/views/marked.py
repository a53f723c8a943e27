"""Text in Slack's mrkdwn that is safe to show: what comes from outside can neither ping, nor format, nor break a line.

`Marked` is text that is ready for Slack. It is made of our own words by `say`, which neutralises every part that is
not `Marked` itself; so forgetting to escape is not possible, only escaping twice is, and that shows. Inside a block
these texts are sent `verbatim`: Slack then makes no links or mentions of its own out of them.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.core.hosts import is_loopback
from bot.core.names import ChannelId

_MARKS_IN_A_ROW = 4
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters without ink: a name made of them would be invisible."""

_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""An underscore between letters or digits formats nothing, and module names are full of them: those stay."""
_EMOJI = re.compile(r":(?=[\w+'-]{0,60}[A-Za-z+-][\w+'-]{0,60}:)")
_LOUD_AT = re.compile(r"[@＠](?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)

_TERMINAL = re.compile(r"\x1b\[[0-9;?]{0,20}[@-~]")
"""What colours a terminal; logs are full of it."""

_TOKEN = re.compile(r"<[^<>]*>|&[a-z]+;|.", re.DOTALL)
_ID = re.compile(r"[A-Z0-9]{2,64}")
_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(?::\d{1,5})?(?:[/?#][^\s<>|\"'`\\]*)?")
_LONGEST_URL = 2000


class Marked(str):
    """Text that Slack may show as it is."""

    __slots__ = ()


def units(text: str) -> int:
    """How long a text is in UTF-16 units: the longest way in which Slack might count characters."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str, *, multiline: bool = False) -> str:
    """Foreign text without what is invisible or turns text around; on one line unless `multiline`."""
    if text.isascii() and text.isprintable():
        return text if multiline else " ".join(text.split())
    kept: list[str] = []
    marks = 0
    for character in _TERMINAL.sub("", text).replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character in "\n\t" or category in {"Zl", "Zp"} or character in _BLANK_LETTERS:
            kept.append(character if multiline and character in "\n\t" else " ")
        elif category not in {"Cc", "Cf", "Cs"} and marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    shown = "".join(kept)
    return shown.strip("\n") if multiline else " ".join(shown.split())


def cut(text: str, limit: int) -> str:
    """Text of at most `limit` units, with `…` where something was left out."""
    if units(text) <= limit:
        return text
    kept, room = [], limit - 1
    for character in text:
        room -= units(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def cut_marked(text: Marked, limit: int) -> Marked:
    """Marked text of at most `limit` units, never cut inside a mention, a link, an entity or a code span."""
    if units(text) <= limit:
        return text
    kept, room = [], limit - 2
    for token in _TOKEN.findall(text):
        room -= units(token)
        if room < 0:
            break
        kept.append(token)
    shown = "".join(kept)
    return Marked(shown + ("`" if shown.count("`") % 2 else "") + "…")


def _neutral(text: str, limit: int) -> str:
    """Foreign text on one line whose signs mean nothing to Slack any more."""
    shown = cut(clean(text[: limit * 4]), limit).translate(_LOOKALIKES)
    shown = _LOUD_AT.sub("＠\u2060", _LOOSE_UNDERSCORE.sub("＿", shown))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, *, limit: int = 200) -> Marked:
    """Foreign text among our own words."""
    shown = _EMOJI.sub("∶", _neutral(text, limit))
    if shown.startswith("&gt;"):
        shown = "›" + shown.removeprefix("&gt;")
    return Marked(shown)


def code(text: str, *, limit: int = 80) -> Marked:
    """A name or a sentence from outside, as it came, in a code span."""
    return Marked(f"`{_neutral(text, limit) or '–'}`")


def codes(names: Iterable[str], *, room: int = 400) -> Marked:
    """Several names in code spans; what does not fit is counted, not silently left out."""
    shown: list[Marked] = []
    left_out = 0
    for name in names:
        one = code(name)
        room -= units(one) + 2
        if room < 0:
            left_out += 1
        else:
            shown.append(one)
    listed = joined(shown, ", ")
    return say("{} and {} more", listed, left_out) if left_out else listed


def say(template: str, /, *parts: str | int) -> Marked:
    """Our own words, with `{}` filled in: `Marked` parts as they are, all others neutralised."""
    return Marked(
        template.format(*(part if isinstance(part, Marked) else plain(str(part)) for part in parts))
    )


def joined(parts: Iterable[Marked | None], separator: str) -> Marked:
    """The parts that there are, with a separator of our own between them."""
    return Marked(separator.join(part for part in parts if part))


def dotted(*parts: Marked | None) -> Marked:
    """Facts on one line: `a · b · c`."""
    return joined(parts, " · ")


def lines(*parts: Marked | None) -> Marked:
    """Facts one below the other."""
    return joined(parts, "\n")


def bold(text: str) -> Marked:
    """Text that stands out."""
    return say("*{}*", text)


def mention(user_id: str) -> Marked:
    """A person, who is notified of it unless they are the only reader."""
    return Marked(f"<@{user_id}>") if _ID.fullmatch(user_id) else code(user_id)


def group(group_id: str) -> Marked:
    """A user group; in a private answer it notifies nobody."""
    return Marked(f"<!subteam^{group_id}>") if _ID.fullmatch(group_id) else code(group_id)


def channel(channel_id: ChannelId | str) -> Marked:
    """A channel, as a link to it."""
    return Marked(f"<#{channel_id}>") if _ID.fullmatch(channel_id) else code(channel_id)


def link(url: str, text: str) -> Marked:
    """A link, if it is an honest https one; else its text alone."""
    label = _label(text)
    return _linked(url, label) if _is_encrypted(url) else label


def message_link(url: str | None, text: str) -> Marked | None:
    """A link to a message; None where it would lead nowhere, so that no words are left that only a link explains.

    Slack itself tells these addresses, so the pretend workspace's plain ones are as good: they stay on this machine.
    What oec.sh or a person writes never becomes such a link: it could make a reader's browser press something there.
    """
    return _linked(url, _label(text)) if url and (_is_encrypted(url) or _is_here(url)) else None


def _label(text: str) -> Marked:
    return text if isinstance(text, Marked) else plain(text)


def _linked(url: str, label: Marked) -> Marked:
    return Marked(f"<{url.replace('&', '&amp;')}|{label}>")


def _is_encrypted(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and parts["scheme"] == "https"


def _is_here(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and is_loopback(parts["host"])


def _parts(url: str) -> re.Match[str] | None:
    """An address with nothing in it that could end the link or hide where it leads."""
    return _ADDRESS.fullmatch(url) if units(url) <= _LONGEST_URL else None


def host_link(url: str) -> Marked:
    """A site, shown by its host name and linked to."""
    shown = url if "//" in url else f"//{url}"
    try:
        host = urlsplit(shown).hostname
    except ValueError:
        host = None
    return link(url, host or url)


def date(at: datetime, form: str = "{time}") -> Marked:
    """A moment in each reader's own zone (Slack's date token); where that is not known, in UTC."""
    moment = at.astimezone(UTC)
    fallback = moment.strftime("%H:%M UTC" if form == "{time}" else "%Y-%m-%d %H:%M UTC")
    return Marked(f"<!date^{int(moment.timestamp())}^{form}|{fallback}>")


LONG_DATE = "{date_short_pretty} {time}"
"""The form of a moment that may lie on another day."""
