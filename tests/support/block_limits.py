"""Slack's limits on blocks, written down once more from Slack's documents: it shares no code with what it checks.

Only the kinds of block that the bot sends are known here; any other is reported, so that a new one gets its limits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_TEXT = 4000
PRIVATE_TEXT_BYTES = 4000

_SPECIAL = re.compile(r"<([!@#][^>|]*)(?:\|[^>]*)?>")
_DATE = re.compile(r"!date\^\d+\^[^^<>]+")


def find_message_breaches(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What Slack would refuse in a message, or show other than meant."""
    found = list(_check_text("text", text, MESSAGE_TEXT))
    if len(text.encode()) > PRIVATE_TEXT_BYTES:
        found.append(f"text: {len(text.encode())} bytes")
    if "\n" in text or not text.strip():
        found.append("text: is not one line")
    if not blocks:
        found.append("blocks: none")
    return found + _check_blocks(blocks, MESSAGE_BLOCKS)


def find_view_breaches(view: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse in a modal or an App Home, given as the fields of our own value."""
    found = _check_blocks(view["blocks"], VIEW_BLOCKS)
    for name in ("title", "submit"):
        if name in view:
            found += _check_text(name, view[name], 24)
    if len(view.get("subject", "")) > 3000:
        found.append("subject: too long")
    return found


def find_pings(payload: object) -> set[str]:
    """Everything in a payload's markup that names a person, a group, a channel or everybody; dates are none."""
    found: set[str] = set()
    for text in _marked_texts(payload):
        found |= {one for one in _SPECIAL.findall(text) if not _DATE.fullmatch(one)}
    return found


def find_open_marks(payload: object) -> list[str]:
    """Texts whose angle brackets do not pair up: something was cut in two or came in unescaped."""
    pairs = re.compile(r"<[^<>]*>")
    return [text for text in _marked_texts(payload) if re.search(r"[<>]", pairs.sub("", text))]


def _marked_texts(payload: object) -> Iterator[str]:
    """The texts that Slack reads as markup: rich text and plain text are shown as they are."""
    match payload:
        case str():
            yield payload
        case {"type": "mrkdwn", "text": str(text)}:
            yield text
        case {"type": "rich_text" | "plain_text"}:
            return
        case Mapping():
            for value in payload.values():
                if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
                    yield from _marked_texts(value)
        case Sequence():
            for item in payload:
                yield from _marked_texts(item)
        case _:
            return


def _check_blocks(blocks: Sequence[Mapping[str, Any]], most: int) -> list[str]:
    found = [f"blocks: {len(blocks)}"] if len(blocks) > most else []
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append("blocks: an id twice")
    for number, block in enumerate(blocks):
        found += [f"blocks/{number}/{breach}" for breach in _check_block(block)]
    return found


def _check_block(block: Mapping[str, Any]) -> Iterator[str]:
    if len(block.get("block_id", "")) > 255:
        yield "block_id: too long"
    match block["type"]:
        case "section":
            yield from _check_object(block["text"], 3000, "mrkdwn")
        case "context":
            yield from _check_count("elements", block["elements"], 10)
            for element in block["elements"]:
                yield from _check_object(element, 2000, "mrkdwn")
        case "header":
            yield from _check_object(block["text"], 150, "plain_text")
        case "actions":
            yield from _check_buttons(block["elements"])
        case "input":
            yield from _check_input(block)
        case "rich_text":
            yield from _check_rich_text(block)
        case "divider":
            pass
        case other:
            yield f"type: {other} has no limits written down here"


def _check_object(value: Mapping[str, Any], most: int, kind: str) -> Iterator[str]:
    if value["type"] != kind:
        yield f"type: {value['type']}"
    if kind == "mrkdwn" and value.get("verbatim") is not True:
        yield "text: not verbatim, so Slack makes links and mentions of its own"
    yield from _check_text("text", value["text"], most)


def _check_text(name: str, text: str, most: int) -> Iterator[str]:
    length = len(text.encode("utf-16-le")) // 2
    if not 1 <= length <= most:
        yield f"{name}: {length} units of {most}"
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        yield f"{name}: a control character"
    if re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]", text):
        yield f"{name}: a mark that turns text around"


def _check_count(name: str, items: Sequence[object], most: int) -> Iterator[str]:
    if not 1 <= len(items) <= most:
        yield f"{name}: {len(items)} of {most}"


def _check_buttons(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from _check_count("elements", elements, 25)
    ids = [element["action_id"] for element in elements]
    if len(ids) != len(set(ids)):
        yield "elements: an action id twice"
    for element in elements:
        yield from _check_object(element["text"], 75, "plain_text")
        if not 1 <= len(element["action_id"]) <= 255 or len(element["value"]) > 2000:
            yield "button: action id or value too long"
        if element.get("style", "primary") not in {"primary", "danger"}:
            yield f"style: {element['style']}"


def _check_input(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_object(block["label"], 2000, "plain_text")
    if "hint" in block:
        yield from _check_object(block["hint"], 2000, "plain_text")
    element = block["element"]
    if element["type"] != "plain_text_input" or element.get("max_length", 1) > 3000:
        yield "element: not a text input within its limits"


def _check_rich_text(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_count("elements", block["elements"], 50)
    for part in block["elements"]:
        for element in part["elements"]:
            yield from _check_text("text", element["text"], 3000)
