"""Exact payloads kept as files beside the tests; `OEC_UPDATE_SNAPSHOTS=1` writes them anew, for a reader to look at."""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path

from bot.views.message import Home, Message, Modal
from tests.support.block_limits import find_message_breaches, find_open_marks, find_view_breaches

FOLDER = Path(__file__).parent / "snapshots"


def breaches(shown: Message | Modal | Home) -> list[str]:
    """What Slack would refuse in it."""
    fields = dataclasses.asdict(shown)
    found = find_open_marks([fields.get("text", ""), fields["blocks"]])
    if isinstance(shown, Message):
        return found + find_message_breaches(shown.text, shown.blocks)
    return found + find_view_breaches(fields)


def check_snapshot(name: str, shown: Message | Modal | Home) -> None:
    """Fail unless this is exactly what the file says, and within Slack's limits."""
    assert breaches(shown) == []
    check_words(name, dataclasses.asdict(shown))


def check_words(name: str, told: Mapping[str, object]) -> None:
    """Fail unless these are exactly the words in the file."""
    path = FOLDER / f"{name}.json"
    drawn = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("OEC_UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
    assert path.is_file(), f"no snapshot {name}: write it with OEC_UPDATE_SNAPSHOTS=1 and look at it"
    assert drawn == path.read_text(encoding="utf-8")
