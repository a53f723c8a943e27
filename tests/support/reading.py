"""What a person reads in a message: the words of its blocks, in order, as plain text."""

from collections.abc import Iterator
from typing import Any

JsonObject = dict[str, Any]


def read_words(message: JsonObject) -> str:
    """Everything that is to be read in a message: its blocks, or its text where it has none."""
    blocks = message.get("blocks") or []
    if not blocks:
        return str(message.get("text") or "")
    return "\n".join(words for block in blocks for words in _words_in(block))


def _words_in(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _words_in(item)
    elif isinstance(node, dict):
        text = node.get("text")
        if isinstance(text, str):
            yield text
        for key, value in node.items():
            if key == "user_id" and isinstance(value, str):
                yield f"<@{value}>"
            elif isinstance(value, dict | list):
                yield from _words_in(value)


def find_buttons(message: JsonObject) -> list[str]:
    """The labels of a message's buttons."""
    return [
        str(element["text"]["text"])
        for block in message.get("blocks") or []
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if isinstance(element, dict) and element.get("type") == "button"
    ]
