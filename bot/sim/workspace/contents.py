"""What a message may say: reads text, blocks, attachments and metadata as any of Slack's doors receives them."""

import json
from typing import Any

from bot.sim.workspace.blocks import MESSAGE, find_block_faults
from bot.sim.workspace.entities import Content, JsonObject
from bot.sim.workspace.forms import fill_ids
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.shapes import fault
from bot.sim.workspace.store import Workspace

_MARKDOWN_LIMIT = 12_000
_MOST_ATTACHMENTS = 100


def decode(value: Any, code: str) -> Any:
    """A structured argument, whether it came as JSON or as a string of JSON. Refuses with `code`."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise SlackRefusal(code) from None


def read_content(workspace: Workspace, fields: JsonObject, *, kept: Content | None = None) -> Content:
    """The content in these fields. `kept` is what an edited message said before: its metadata stays if omitted.

    Raises SlackRefusal: no_text, invalid_blocks, invalid_attachments, too_many_attachments, markdown_text_conflict …
    """
    text, blocks = _read_words(fields)
    attachments = _read_attachments(fields)
    metadata = _read_metadata(fields)
    if not text and not blocks and not attachments and not (kept and kept.files):
        raise SlackRefusal("no_text")
    return Content(
        text=text,
        blocks=fill_ids(blocks, workspace.next_number),
        attachments=attachments,
        metadata=metadata if metadata is not None or kept is None else kept.metadata,
        files=kept.files if kept else (),
    )


def _read_words(fields: JsonObject) -> tuple[str, list[JsonObject]]:
    text = fields.get("text")
    if text is not None and not isinstance(text, str):
        raise SlackRefusal("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    blocks = read_blocks(fields.get("blocks"))
    markdown = fields.get("markdown_text")
    if not markdown:
        return text or "", blocks
    if text or blocks:
        raise SlackRefusal("markdown_text_conflict")
    if len(markdown) > _MARKDOWN_LIMIT:
        raise SlackRefusal(
            "invalid_arguments",
            [fault(f"must be less than {_MARKDOWN_LIMIT + 1} characters", "/markdown_text")],
        )
    return str(markdown), [{"type": "markdown", "text": markdown}]


def read_blocks(value: Any) -> list[JsonObject]:
    """Blocks for a message. Refuses what Slack would refuse, naming the place."""
    blocks = decode(value, "invalid_blocks_format")
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    faults = find_block_faults(blocks, MESSAGE)
    if faults:
        raise SlackRefusal("invalid_blocks", faults)
    return blocks


def _read_attachments(fields: JsonObject) -> tuple[JsonObject, ...]:
    attachments = decode(fields.get("attachments"), "invalid_attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackRefusal("invalid_attachments")
    if len(attachments) > _MOST_ATTACHMENTS:
        raise SlackRefusal("too_many_attachments")
    faults = [
        words
        for number, attachment in enumerate(attachments)
        for words in find_block_faults(
            attachment.get("blocks") or [], MESSAGE, f"/attachments/{number}/blocks"
        )
    ]
    if faults:
        raise SlackRefusal("invalid_attachments", faults)
    return tuple(attachments)


def _read_metadata(fields: JsonObject) -> JsonObject | None:
    metadata = decode(fields.get("metadata"), "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackRefusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackRefusal("invalid_metadata_schema")
    return metadata
