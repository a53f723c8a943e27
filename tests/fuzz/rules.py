"""The rules file under fuzzing: any bytes are rules, or mistakes that say on which line."""

import textwrap

import bot.rules_file
from bot.rules_file import RulesDocument, RulesError, check_cases, read_bytes
from bot.rules_file.nodes import LONGEST_FILE
from bot.sim.sandbox import RULES
from tests.fuzz.target import Target, check_texts

NAME = "oec.yml"


def example() -> str:
    """The file in the docstring."""
    doc = bot.rules_file.__doc__ or ""
    return textwrap.dedent(
        "\n".join(line for line in doc.splitlines() if line.startswith("    ") or not line)
    )


def check_one(data: bytes) -> None:
    """Read bytes as a rules file; of what is right, run its tests too."""
    outcome = _read(data)
    if isinstance(outcome, RulesError):
        _check_mistakes(outcome, lines=len(data.splitlines()) + 1)
    else:
        misses = check_cases(outcome.rules, outcome.cases)
        check_texts([miss.sentence for miss in misses], longest=LONGEST_FILE)


def _read(data: bytes) -> RulesDocument | RulesError:
    try:
        return read_bytes(data, name=NAME)
    except RulesError as error:
        return error


def _check_mistakes(error: RulesError, *, lines: int) -> None:
    assert error.mistakes
    assert all(1 <= mistake.line <= lines for mistake in error.mistakes)
    assert all(line.startswith(f"{NAME}:") and "\n" not in line for line in error.lines)
    check_texts(error.lines, longest=4_000)


_ODD = (
    "environments: {a: {id: 0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f}}\nchannels: {C0A: [{may: [], on: , who: '\u202e'}]}\n",
    "a: &a [*a, *a]\n<<: {}\n? [x, y]\n: !!python/name:os.system\n",
    "\ufeff%YAML 1.2\n---\nchannels: |\n  0x1\n...\n---\n- 1:30\n",
    "tests: [{person: U0A1, channel: C0A, action: 'deploy a', expect: allowed, groups: [S0A], guest: on}]\n",
    "[" * 50,
    "? " * 50,
    "- " * 50,
)
TARGET = Target("rules", check_one, tuple(text.encode() for text in (example(), RULES, *_ODD)))
