"""What Slack accepts as blocks, surface by surface: kinds, required fields, lengths and counts."""

from collections.abc import Iterator
from typing import Any

from bot.sim.workspace.elements import (
    ACCESSORY,
    BUTTON,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
)
from bot.sim.workspace.shapes import (
    Check,
    any_field,
    anything,
    boolean,
    by_type,
    every,
    fault,
    items,
    one_of,
    record,
    string,
    text,
    whole_number,
)

MESSAGE, MODAL, HOME = "message", "modal", "home"
_EVERYWHERE = frozenset({MESSAGE, MODAL, HOME})
_MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
_MARKDOWN_LIMIT = 12_000
_TABLE_LIMIT = 10_000
_DATA_TABLE_LIMIT = 20_000

_PLAIN = "plain_text"
_RICH_TEXT = record({"elements": items(record({"type": string(least=1)}), least=0)})
_CELL = by_type(
    {
        "raw_text": record({"text": string()}),
        "raw_number": record({"value": anything}),
        "rich_text": _RICH_TEXT,
    }
)
_TASK_FIELDS: dict[str, Check] = {
    "output": _RICH_TEXT,
    "details": _RICH_TEXT,
    "sources": items(record({"type": string(least=1), "url": string(3000, least=1), "text": string()})),
}


def _block(required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    return record(required, {"block_id": string(255)} | (optional or {}))


def _task(*statuses: str) -> Check:
    required: dict[str, Check] = {"task_id": string(least=1), "title": string(least=1)}
    return record(required, {"status": one_of(*statuses), "block_id": string(255)} | _TASK_FIELDS)


_CARD = every(
    _block(
        None,
        {
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": items(BUTTON, 3),
            "hero_image": IMAGE,
            "icon": IMAGE,
        },
    ),
    any_field("title", "body", "hero_image", "actions"),
)

_SIMPLE: dict[str, Check] = {
    "section": every(
        _block(
            None,
            {
                "text": text(3000),
                "fields": items(text(2000), 10),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        any_field("text", "fields"),
    ),
    "header": _block({"text": text(150, _PLAIN)}, {"level": whole_number(1, 4)}),
    "divider": _block(),
    "context": _block({"elements": items(IN_CONTEXT, 10)}),
    "actions": _block({"elements": items(IN_ACTIONS, 25)}),
    "image": every(_block(), IMAGE),
    "input": _block(
        {"label": text(2000, _PLAIN), "element": IN_INPUT},
        {"hint": text(2000, _PLAIN), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": every(_block(), _RICH_TEXT),
    "file": _block({"external_id": string(least=1), "source": one_of("remote")}),
    "video": _block({"title": text(200, _PLAIN), "video_url": string(3000), "alt_text": string(2000)}),
    "table": _block(
        {"rows": items(items(_CELL, 20), 100)},
        {"column_settings": items(anything, 20, least=0)},
    ),
}
_KINDS: dict[str, Check] = _SIMPLE | {
    "markdown": record({"text": string(_MARKDOWN_LIMIT, least=1)}),
    "context_actions": _block({"elements": items(IN_CONTEXT_ACTIONS, 5)}),
    "task_card": _task("in_progress", "complete", "error"),
    "plan": _block(
        {"title": string(least=1)},
        {"tasks": items(_task("pending", "in_progress", "complete", "error"), 50, least=0)},
    ),
    "data_table": _block(
        {"caption": string(least=1), "rows": items(items(_CELL, 20), 201, least=2)},
        {"page_size": whole_number(1, 100)},
    ),
    "data_visualization": _block({"title": string(50, least=1)}),
    "card": _CARD,
    "carousel": _block({"elements": items(_CARD, 10)}),
    "container": _block(
        {"child_blocks": items(by_type(_SIMPLE), 10)},
        {"title": text(150), "subtitle": text(150), "is_collapsible": boolean},
    ),
    "alert": _block({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
}
_SURFACES: dict[str, frozenset[str]] = {
    "markdown": frozenset({MESSAGE}),
    "context_actions": frozenset({MESSAGE}),
    "task_card": frozenset({MESSAGE}),
    "plan": frozenset({MESSAGE}),
    "data_visualization": frozenset({MESSAGE}),
    "file": frozenset({MESSAGE}),
    "table": frozenset({MESSAGE, HOME}),
    "data_table": frozenset({MESSAGE, HOME}),
    "carousel": frozenset({MESSAGE, HOME}),
    "container": frozenset({MESSAGE, HOME}),
    "alert": frozenset({MODAL}),
}
_ANY_BLOCK = by_type(_KINDS)


def find_block_faults(blocks: Any, surface: str = MESSAGE, pointer: str = "/blocks") -> list[str]:
    """What Slack would refuse in these blocks on this surface; an empty list where it would accept them."""
    faults = list(items(_ANY_BLOCK, _MOST_BLOCKS[surface], least=0)(blocks, pointer))
    if isinstance(blocks, list | tuple):
        known = [(n, block) for n, block in enumerate(blocks) if isinstance(block, dict)]
        faults += _misplaced(known, surface, pointer)
        faults += _repeated_ids(known, pointer)
        faults += _repeated_actions(known, pointer)
        faults += _over_budget(known, pointer)
    return faults


def _misplaced(blocks: list[tuple[int, dict[str, Any]]], surface: str, pointer: str) -> Iterator[str]:
    for number, block in blocks:
        kind = str(block.get("type"))
        if surface not in _SURFACES.get(kind, _EVERYWHERE):
            yield fault(f"unsupported type: {kind}", f"{pointer}/{number}/type")


def _repeated_ids(blocks: list[tuple[int, dict[str, Any]]], pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, block in blocks:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                yield fault(f"block_id `{block_id}` already exists", f"{pointer}/{number}/block_id")
            seen.add(block_id)


def _repeated_actions(blocks: list[tuple[int, dict[str, Any]]], pointer: str) -> Iterator[str]:
    for number, block in blocks:
        if block.get("type") not in ("actions", "context_actions") or not isinstance(
            block.get("elements"), list
        ):
            continue
        ids = [part.get("action_id") for part in block["elements"] if isinstance(part, dict)]
        for place, action_id in enumerate(ids):
            if action_id and action_id in ids[:place]:
                yield fault(f"action_id `{action_id}` already exists", f"{pointer}/{number}/elements/{place}")


def _over_budget(blocks: list[tuple[int, dict[str, Any]]], pointer: str) -> Iterator[str]:
    """Limits that hold for all blocks of a payload together."""
    markdown = sum(len(str(block.get("text", ""))) for _, block in blocks if block.get("type") == "markdown")
    if markdown > _MARKDOWN_LIMIT:
        yield fault(f"markdown text must be less than {_MARKDOWN_LIMIT + 1} characters in total", pointer)
    for kind, limit in (("table", _TABLE_LIMIT), ("data_table", _DATA_TABLE_LIMIT)):
        tables = [block.get("rows") for _, block in blocks if block.get("type") == kind]
        if sum(map(_characters, tables)) > limit:
            yield fault(f"{kind} cells must be less than {limit + 1} characters in total", pointer)
    if sum(block.get("type") == "data_visualization" for _, block in blocks) > 2:
        yield fault("no more than 2 data_visualization blocks allowed", pointer)


def _characters(value: Any) -> int:
    """Characters a reader would see in table cells."""
    if isinstance(value, dict):
        return sum(
            len(str(item))
            if name in ("text", "value") and not isinstance(item, dict | list)
            else _characters(item)
            for name, item in value.items()
        )
    return sum(map(_characters, value)) if isinstance(value, list | tuple) else 0
