"""The readers of foreign input, held to their promises by Hypothesis; `python -m tests.fuzz` goes on for longer."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.grammar import LONGEST_ASK, WORDS
from tests.core.samples import CATALOG
from tests.fuzz import grammar, inbound, rules, wire
from tests.fuzz.mutation import ODDITIES, paths, spoil
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

THOROUGH = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
"""A busy machine is no reason to fail."""

_ROOT = Path(__file__).parents[2]
_NAMES = [alias for one in CATALOG.environments for alias in (one.alias, *one.aliases)]
_MARKS = [
    "modules=",
    "mode=",
    "env=",
    ",",
    "=",
    "/",
    " ",
    "“",
    "'",
    "<",
    ">",
    "|",
    "#",
    "&lt;",
    "\u202e",
    "\x00",
]
typed = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60),
    st.lists(st.sampled_from([*WORDS, *_NAMES, *_MARKS, "sale", "all", "to", "20"]), max_size=12).map(
        "".join
    ),
    st.lists(st.sampled_from([*WORDS, *_NAMES, *_MARKS, "sale", "all", "to", "20"]), max_size=12).map(
        " ".join
    ),
)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_every_seed_is_read_as_promised(target: Target) -> None:
    for seed in target.seeds:
        target.check_one(seed)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@given(data=st.binary(max_size=400))
@THOROUGH
def test_any_bytes_are_read_as_promised(target: Target, data: bytes) -> None:
    target.check_one(data)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@given(data=st.data())
@THOROUGH
def test_seed_with_a_part_replaced_is_read_as_promised(target: Target, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(target.seeds))
    begin, end = sorted(data.draw(st.tuples(*(st.integers(0, len(seed)),) * 2)))
    target.check_one(seed[:begin] + data.draw(st.binary(max_size=8)) + seed[end:])


@given(text=typed)
@example(text="deploy prod " + " " * LONGEST_ASK + "modules=sale")
@example(text="restart prod" + " x" * LONGEST_ASK)
@example(text="deploy prod modules=" + "sale," * LONGEST_ASK)
@example(text="help deploy" + "\u200b" * LONGEST_ASK)
@example(text="<" * 4 * LONGEST_ASK)
@example(text="ﷺ" * LONGEST_ASK)
@THOROUGH
def test_any_line_is_an_intent_or_a_reason(text: str) -> None:
    grammar.check_text(text)


@pytest.mark.parametrize("payload", inbound.PAYLOADS, ids=lambda payload: str(payload.get("type", "command")))
def test_payload_spoilt_at_any_one_place_is_read_or_nothing(payload: object) -> None:
    for path in paths(payload):
        for oddity in ODDITIES:
            inbound.check_payload(spoil(payload, path, oddity))


@pytest.mark.parametrize("number", range(len(wire.BODIES)))
def test_answer_spoilt_at_any_one_place_is_a_value_or_an_error_of_ours(number: int) -> None:
    import json

    body = wire.BODIES[number]
    for path in paths(body):
        for oddity in ODDITIES:
            raw = json.dumps(spoil(body, path, oddity)).encode()
            for reader in wire.READERS:
                wire.check_answer(wire.STATUSES[number % len(wire.STATUSES)], {}, raw, reader)
                wire.check_answer(200, {}, raw, reader)


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 100_000, b'"' + b"\\ud800" * 9, b"\xff\xfe[", b"NaN"]
)
def test_body_that_json_trips_over_is_a_value_or_an_error_of_ours(raw: bytes) -> None:
    for status in wire.STATUSES:
        for reader in wire.READERS:
            wire.check_answer(status, {}, raw, reader)


@given(
    pieces=st.lists(st.sampled_from([*rules.example().split(" "), *"{}[]:,-?|>&*!%@`'\"\n\t#"]), max_size=40)
)
@THOROUGH
def test_any_pieces_of_rules_are_rules_or_mistakes_with_lines(pieces: list[str]) -> None:
    rules.check_one(" ".join(pieces).encode())


def test_fuzzing_without_atheris_says_what_is_missing() -> None:
    program = "import sys; sys.modules['atheris'] = None; from tests.fuzz.__main__ import main; sys.exit(main(['wire']))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr


def test_input_can_be_tried_again_without_atheris(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"deploy prod")
    command = [sys.executable, "-m", "tests.fuzz", "grammar", "--replay", str(kept)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "It holds.")
