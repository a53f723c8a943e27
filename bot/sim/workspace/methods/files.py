"""files.*: an upload in its three steps, of which the second is a plain POST of the bytes."""

import mimetypes
from dataclasses import replace

from bot.sim.workspace.contents import decode, read_blocks
from bot.sim.workspace.entities import Channel, Content, File, JsonObject
from bot.sim.workspace.forms import fill_ids
from bot.sim.workspace.methods.asking import Asked, find_channel
from bot.sim.workspace.methods.chat import app_message, find_thread
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import file_json

_LONGEST_ALT_TEXT = 1_000


def get_upload_url(workspace: Workspace, asked: Asked) -> JsonObject:
    """files.getUploadURLExternal: where the bytes of a file of this length may go."""
    name, length = asked.required("filename"), str(asked.args.get("length") or "")
    if not length.isdigit() or int(length) < 1:
        raise SlackRefusal("missing_argument")
    alt_text = asked.optional("alt_txt") or ""
    if len(alt_text) > _LONGEST_ALT_TEXT:
        raise SlackRefusal("alt_txt_too_large")
    file = File(
        id=f"F{workspace.next_number():08d}",
        name=name,
        title=name,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        size=int(length),
        user_id=workspace.app.bot_user_id,
        created_at=asked.now,
        alt_text=alt_text,
    )
    workspace.put_file(file)
    return {"ok": True, "upload_url": f"{asked.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(workspace: Workspace, asked: Asked) -> JsonObject:
    """files.completeUploadExternal: gives uploaded files their titles and shares them, in a thread where one is named."""
    files = [_title(workspace, one) for one in _read_list(asked)]
    places = [find_channel(workspace, name) for name in _read_places(asked)]
    for channel in places:
        if workspace.app.bot_user_id not in channel.members:
            raise SlackRefusal("not_in_channel")
    for file in files:
        workspace.put_file(file)
    for channel in places:
        _share(workspace, asked, channel, tuple(files))
    return {"ok": True, "files": [file_json(workspace, file) for file in files]}


def _read_list(asked: Asked) -> list[JsonObject]:
    listed = decode(asked.args.get("files"), "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise SlackRefusal("invalid_arguments", ["[ERROR] missing required field: files"])
    return listed


def _title(workspace: Workspace, named: JsonObject) -> File:
    file = workspace.files.get(str(named.get("id")))
    if file is None or file.data is None:
        raise SlackRefusal("file_not_found")
    return replace(file, title=str(named.get("title") or file.name))


def _read_places(asked: Asked) -> list[str]:
    given = asked.args.get("channels") or asked.args.get("channel_id") or ""
    names = given if isinstance(given, list) else str(given).split(",")
    return [str(name).strip() for name in names if str(name).strip()]


def _share(workspace: Workspace, asked: Asked, channel: Channel, files: tuple[File, ...]) -> None:
    blocks = fill_ids(read_blocks(asked.args.get("blocks")), workspace.next_number)
    content = Content(asked.optional("initial_comment") or "", blocks=blocks, files=files)
    thread_ts = find_thread(workspace, channel, asked.optional("thread_ts"))
    workspace.post(app_message(workspace, asked, channel.id, content, thread_ts=thread_ts))


def file_info(workspace: Workspace, asked: Asked) -> JsonObject:
    """files.info: one file."""
    file = workspace.files.get(asked.required("file"))
    if file is None:
        raise SlackRefusal("file_not_found")
    return {"ok": True, "file": file_json(workspace, file), "comments": []}
