"""The rules file `oec.yml` → core `Rules`: every mistake at once, with its line; read again when it changes.

An example with everything a file may hold; ids are what counts, names are for people:

    environments:
      prod:                                     # the name people type
        id: 5a296461-9222-40da-91f5-9e912890dc1b
        protected: true                         # never offered for a typo; reinit only where a rule says `reinit`
        aliases: [production, live]
      staging: {id: 0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f}
      dev:     {id: 7d0c8c1e-3c52-4b06-9f0e-0d7f4f2f9b11}
    groups:                                     # names for several environments
      playground: [staging, dev]
    people:                                     # names for Slack members (U…) and user groups (S…)
      releasers: [U0ANA, U0BEN, S0RELEASE]
      leads: U0DORA
      seniors: [releasers, leads]               # a name may stand for other names
    channels:                                   # a channel that is not listed has no rights
      C0DEPLOYS:
        - {may: [deploy, restart, start, stop, update], on: [prod, staging], who: releasers}
        - {may: everything, on: playground, who: everyone}
        - {may: stop, on: prod, who: U0BEN, deny: true}      # deny beats every other line
      C0SUPPORT:
        - {may: [restart], on: unprotected, who: everyone}   # also: protected, all
    approvals:                                  # the first line that fits an ask counts
      - {for: [reinit, update_all, stop], on: protected, by: releasers, typed: [reinit], expires: 1h}
      - {for: [deploy], on: prod, by: releasers, count: 2, escalate: {to: seniors, after: 10m}}
      - {for: [reinit], on: unprotected, by: [U0ANA, U0BEN], requester_may_approve: true}
    quiet: {from: "21:00", to: "07:00"}         # nobody is called then, by the clock where they live; equal: never quiet
    operators: {channel: C0OPS}                 # hears what goes wrong
    tests:                                      # rules that fail one of these are refused
      - {person: U0ANA, channel: C0DEPLOYS, action: deploy prod, expect: approval}
      - {person: U0CLEO, channel: C0SUPPORT, action: restart staging, expect: allowed}
      - {person: U0CLEO, groups: [S0RELEASE], channel: C0DEPLOYS, action: restart prod, expect: allowed}
      - {person: U0GUS, guest: true, channel: C0DEPLOYS, action: deploy, environment: staging, expect: denied}

Words: deploy, restart, start, stop, update (which covers pull_restart, update_specific and update_all), each of these
three, reinit (also reinitialize_specific), and `everything`. A deploy of all modules takes `deploy` and `update_all`.
"""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.core.rules import Rules, RuleSource
from bot.rules_file.cases import Case, Expectation, Miss, check_cases
from bot.rules_file.crowds import Members
from bot.rules_file.deadlocks import find_deadlocks
from bot.rules_file.mistakes import Mistake, RulesError
from bot.rules_file.names import read_names
from bot.rules_file.nodes import LONGEST_FILE, Reader, TooManyMistakesError, compose, line_of
from bot.rules_file.sections import read_approvals, read_cases, read_channels, read_operators, read_quiet

__all__ = [
    "Case",
    "Expectation",
    "Miss",
    "Mistake",
    "RulesDocument",
    "RulesError",
    "RulesFile",
    "check_cases",
    "find_deadlocks",
    "load_document",
    "load_rules",
    "read_bytes",
    "read_document",
    "refuse_misses",
]

_SECTIONS = {
    "environments": "what people may name, such as `staging: {id: …}`",
    "channels": "who may do what from where; a channel that is not listed has no rights",
}
_OTHER_SECTIONS = ("people", "groups", "approvals", "quiet", "operators", "tests")


NOBODY_KNOWN: Members = {}
"""Where nothing is known of user groups: anybody may be in them."""


@dataclass(frozen=True, slots=True)
class RulesDocument:
    """A whole file: its rules, and its own tests of them."""

    rules: Rules
    cases: tuple[Case, ...]


def read_document(text: str, *, name: str = "oec.yml", members: Members = NOBODY_KNOWN) -> RulesDocument:
    """The rules and tests in a text; raises `RulesError` with every mistake. `name` is the file's, for the messages.

    Whether an approval could ever be given may hang on `members`: who is in which user group, as far as it is known.
    Whether the rules pass their own tests is another question: `refuse_misses`.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    root = compose(text)
    if isinstance(root, Mistake):
        raise RulesError(name, [root], digest=digest)
    reader = Reader()
    document = None
    with suppress(TooManyMistakesError):
        document = _read_root(root, name, digest, reader)
    if document is None or reader.mistakes:
        raise RulesError(name, reader.mistakes, digest=digest)
    deadlocks = find_deadlocks(document.rules, members)
    if deadlocks:
        raise RulesError(name, deadlocks, digest=digest)
    return document


def refuse_misses(document: RulesDocument) -> Rules:
    """The rules, where they pass their own tests; raises `RulesError` with every test that they do not."""
    misses = check_cases(document.rules, document.cases)
    if misses:
        mistakes = [Mistake(miss.case.source.line, f"a test fails. {miss.sentence}") for miss in misses]
        raise RulesError(document.rules.name, mistakes, digest=document.rules.digest)
    return document.rules


def load_document(path: Path, *, members: Members = NOBODY_KNOWN) -> RulesDocument:
    """The rules and tests in a file; raises `RulesError`, also where it cannot be read."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RulesError(
                    path.name, [Mistake(1, "this is no file but a pipe or a device. Put a file there.")]
                )
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RulesError(
            path.name, [Mistake(1, f"the rules file {path.absolute()} cannot be read: {reason}.")]
        ) from error
    return read_bytes(data, name=path.name, members=members)


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for anybody: a pipe would be opened only once somebody writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_bytes(data: bytes, *, name: str, members: Members = NOBODY_KNOWN) -> RulesDocument:
    """The rules and tests in a file's bytes; raises `RulesError`, also where they are no text."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        mistake = Mistake(
            data.count(b"\n", 0, error.start) + 1, "this is no UTF-8 text. Save the file as UTF-8."
        )
        raise RulesError(name, [mistake], digest=hashlib.sha256(data).hexdigest()) from error
    return read_document(text, name=name, members=members)


def load_rules(path: Path, *, members: Members = NOBODY_KNOWN) -> Rules:
    """The rules in a file; raises `RulesError`, also where it cannot be read or fails one of its own tests."""
    return refuse_misses(load_document(path, members=members))


def _read_root(root: yaml.Node, name: str, digest: str, reader: Reader) -> RulesDocument:
    sections = reader.record(root, name, needs=_SECTIONS, may_have=_OTHER_SECTIONS)
    names = read_names(sections, reader)
    channels = read_channels(sections.get("channels"), names, reader)
    rules = Rules(
        catalog=names.catalog,
        channels=channels.rights,
        approvals=read_approvals(sections.get("approvals"), names, reader),
        operators=read_operators(sections.get("operators"), reader),
        quiet=read_quiet(sections.get("quiet"), reader),
        digest=digest,
        name=name,
        section=RuleSource("channels", _line_of_key(root, "channels")),
        sources=channels.sources,
    )
    return RulesDocument(rules, read_cases(sections.get("tests"), reader))


def _line_of_key(root: yaml.Node, name: str) -> int:
    entries = root.value if isinstance(root, yaml.MappingNode) else []
    return next((line_of(key) for key, _ in entries if key.value == name), 1)


_Stamp = tuple[int, int, int]


class RulesFile:
    """A rules file that may change while the bot runs. `current` is always a version that was right."""

    def __init__(self, path: Path) -> None:
        """Read the file for the first time; raises `RulesError`."""
        self.path = path
        self._stamp = _stamp_of(path)
        self._refused: tuple[str, str] | None = None
        self.current = load_rules(path)

    def reload_if_changed(self, members: Members = NOBODY_KNOWN) -> Rules | RulesError | None:
        """The new rules, or why a new version is refused (told once; the old rules stay); None without a change.

        Where a refused version is taken back, these are the rules that were in force all the while.

        `members` are those of user groups, as far as they are known: an approval that none of them could give is refused.

        Cheap when nothing changed: one look at the file's time and size. A version that is found half written is
        refused, and read again once it is whole.
        """
        stamp = _stamp_of(self.path)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            rules = load_rules(self.path, members=members)
        except RulesError as error:
            return self._refuse(error)
        is_mended, self._refused = self._refused is not None, None
        if rules.digest != self.current.digest:
            self.current = rules
            return rules
        return self.current if is_mended else None

    def _refuse(self, error: RulesError) -> RulesError | None:
        refused = (error.digest, str(error))
        is_told, self._refused = self._refused == refused, refused
        return None if is_told else error


def _stamp_of(path: Path) -> _Stamp | None:
    """What changes when a file does: its time, its size, and which file it is; None while there is none."""
    try:
        told = path.stat()
    except OSError:
        return None
    return (told.st_mtime_ns, told.st_size, told.st_ino)
