"""YAML as far as a rules file needs it: plain nodes that know their line, and a reader that collects every mistake.

Values are read as they are written, so that `on:` is a key and not "true", and `no` may be an environment's name.
Anchors, aliases and deep nesting are refused while reading: nothing a small file says can grow into a large one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta

import yaml

from bot.core.nearness import find_nearest
from bot.rules_file.mistakes import Mistake

LONGEST_FILE = 512 * 1024
DEEPEST_NESTING = 8
MOST_MISTAKES = 200
"""How many mistakes are told; a file with more of them is no rules file, or has one that makes all the others."""
MOST_SHOWN = 12
"""How many known names a mistake lists."""

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SPAN = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NULL = "tag:yaml.org,2002:null"
_NO_YAML = yaml.reader.Reader.NON_PRINTABLE
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

Loader = type[yaml.SafeLoader]


FASTEST_LOADER: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it: ten times as fast, and the same nodes."""


def compose(text: str, *, loader: Loader = FASTEST_LOADER) -> yaml.Node | Mistake:
    """The document in a text; the first mistake where it is no YAML, for then nothing after it can be trusted."""
    if len(text.encode()) > LONGEST_FILE:
        return Mistake(1, f"the file is larger than {LONGEST_FILE // 1024} KiB. Is it the right one?")
    plain = text.removeprefix("\ufeff")
    odd = _NO_YAML.search(plain)
    if odd is not None:
        line = plain.count("\n", 0, odd.start()) + 1
        return Mistake(line, "there is a character that YAML does not allow. Delete and retype this line.")
    try:
        # before anything is composed: a loader follows what is nested by calling itself
        refused = _find_refused(yaml.parse(plain, Loader=loader))
        node: yaml.Node | None = None if refused else yaml.compose(plain, Loader=loader)
    except yaml.MarkedYAMLError as error:
        return Mistake(_line_of(error), f"this is not YAML: {error.problem or 'something is missing'}.")
    except yaml.reader.ReaderError:
        return Mistake(1, "there is a character that YAML does not allow. Delete and retype it.")
    if refused is not None:
        return refused
    if node is None:
        return Mistake(1, "the file is empty. Begin with `environments:` and `channels:`.")
    return node


def _find_refused(events: Iterable[yaml.Event]) -> Mistake | None:
    """What is well formed but more than a rules file may hold: aliases, and what is nested deeply."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            return Mistake(
                _line_at(event),
                "YAML aliases (`*name`) are not read here. Name people under `people:` and environments under "
                "`groups:`, and use those names.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST_NESTING:
            return Mistake(
                _line_at(event),
                f"this is nested deeper than the {DEEPEST_NESTING} levels a rules file can have.",
            )
    return None


def _line_at(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark is not None else 1


def line_of(node: yaml.Node) -> int:
    """The line a node begins on, counted from 1."""
    return int(node.start_mark.line) + 1


def quote(names: Sequence[str]) -> str:
    """Names as a sentence shows them: `a`, `b`."""
    return ", ".join(f"`{name}`" for name in names)


def suggest(name: str, known: Sequence[str]) -> str:
    """A sentence with the name that was most likely meant, or with all there are; begins with a blank."""
    nearest = find_nearest(name.casefold(), known)
    if nearest is not None:
        return f" Did you mean `{nearest}`?"
    more = " …" if len(known) > MOST_SHOWN else ""
    return f" Known here: {quote(known[:MOST_SHOWN])}{more}." if known else ""


class TooManyMistakesError(Exception):
    """There is no use in reading on."""


class Reader:
    """Reads nodes as what they should be; where they are not, notes the mistake and goes on with nothing."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def complain(self, node: yaml.Node, text: str) -> None:
        """Note a mistake at this node. Raises `TooManyMistakesError` where nobody would read any more of them."""
        self.mistakes.append(Mistake(line_of(node), text))
        if len(self.mistakes) == MOST_MISTAKES:
            self.mistakes.append(Mistake(line_of(node), f"these are the first {MOST_MISTAKES} mistakes."))
            raise TooManyMistakesError

    def pairs(self, node: yaml.Node | None, where: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
        """A mapping's keys with their nodes; a key that comes twice is a mistake, for one of them would be lost."""
        if node is None or is_empty(node):
            return []
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"`{where}` must be a list of `name: value`.")
            return []
        found: dict[str, tuple[str, yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = self.text(key, where)
            if name is not None and name in found:
                first = line_of(found[name][1])
                self.complain(key, f"`{where}` has `{name}` twice (first on line {first}). Keep one.")
            elif name is not None:
                found[name] = (name, key, value)
        return list(found.values())

    def record(
        self, node: yaml.Node, where: str, *, needs: Mapping[str, str], may_have: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """A mapping with fixed keys, as far as it is there; `needs` says what each required one is for."""
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"`{where}` must be a list of `key: value` with {quote(list(needs))}.")
            return {}
        known = [*needs, *may_have]
        found: dict[str, yaml.Node] = {}
        for name, key, value in self.pairs(node, where):
            if name in known:
                found[name] = value
            else:
                self.complain(key, f"`{where}` has no key `{shorten(name)}`.{suggest(name, known)}")
        for name in needs:
            if name not in found:
                self.complain(node, f"`{where}` needs `{name}`: {needs[name]}.")
        return found

    def items(self, node: yaml.Node | None) -> list[yaml.Node]:
        """The members of a list; a single value counts as a list of one, nothing as an empty one."""
        if node is None or is_empty(node):
            return []
        return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]

    def text(self, node: yaml.Node | None, where: str) -> str | None:
        """A single word or sentence, as it is written; that a key is missing was noted before."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode) or is_empty(node) or not str(node.value).strip():
            self.complain(node, f"`{where}`: here belongs one value.")
            return None
        return str(node.value).strip()

    def texts(self, node: yaml.Node | None, where: str) -> list[tuple[str, yaml.Node]]:
        """A list of words with their nodes; an empty one is a mistake."""
        if node is None:
            return []
        items = self.items(node)
        if not items:
            self.complain(node, f"`{where}` names nothing. Fill it in, or take the line out.")
        texts = [(self.text(item, where), item) for item in items]
        return [(text, item) for text, item in texts if text is not None]

    def flag(self, node: yaml.Node | None, where: str) -> bool:
        """true or false; false where there is none."""
        value = self.text(node, where)
        if node is None or value is None:
            return False
        if value.casefold() not in _FLAGS:
            self.complain(node, f"`{where}` is `true` or `false`, not `{shorten(value)}`.")
        return _FLAGS.get(value.casefold(), False)

    def number(self, node: yaml.Node | None, where: str, *, most: int, default: int) -> int:
        """A number from 1 on."""
        value = self.text(node, where)
        if node is None or value is None:
            return default
        if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= most):
            self.complain(node, f"`{where}` is a number from 1 to {most}, not `{shorten(value)}`.")
            return default
        return int(value)

    def time_of_day(self, node: yaml.Node | None, where: str) -> time | None:
        """A time such as `21:00`."""
        value = self.text(node, where)
        if node is None or value is None:
            return None
        found = _CLOCK.fullmatch(value)
        if found is None:
            self.complain(node, f"`{where}` is a time such as `21:00`, not `{shorten(value)}`.")
            return None
        return time(int(found[1]), int(found[2]))

    def span(
        self, node: yaml.Node | None, where: str, *, least: timedelta, most: timedelta, default: timedelta
    ) -> timedelta:
        """A span such as `90s`, `15m`, `1h`."""
        value = self.text(node, where)
        if node is None or value is None:
            return default
        found = _SPAN.fullmatch(value)
        span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
        if span is None or not least <= span <= most:
            self.complain(
                node,
                f"`{where}` is a span from {least.seconds}s to {most.days}d such as `90s`, `15m` or `1h`, "
                f"not `{shorten(value)}`.",
            )
            return default
        return span


def is_empty(node: yaml.Node) -> bool:
    """Whether a key was written with nothing behind it."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL and node.value in {"", "~", "null"}


def shorten(text: str) -> str:
    """A foreign word, short enough to repeat in a sentence."""
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
