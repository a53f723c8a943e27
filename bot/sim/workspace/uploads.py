"""The bytes of files: how they come in between the two calls of an upload, and how they are read again."""

from dataclasses import replace

from aiohttp import BodyPartReader, web

from bot.sim.workspace.entities import File
from bot.sim.workspace.world import PersonRefused, World

LARGEST_BODY = 64 << 20


class Uploads:
    """Answers the addresses that files.getUploadURLExternal gives out, and those of `url_private`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The HTTP routes of this part."""
        return [
            web.post("/upload/v1/{file_id}", self._take),
            web.get("/files-pri/{team}-{file_id}/{name}", self._give_to_app),
            web.get("/person/file", self._give_to_person),
        ]

    async def _take(self, request: web.Request) -> web.Response:
        """The second step; no token is asked for, the address itself is the secret."""
        file = self._world.workspace.files.get(request.match_info["file_id"])
        if file is None or file.data is not None:
            return web.Response(status=404, text="There is no such upload.")
        data = await _read_bytes(request)
        self._world.workspace.put_file(replace(file, data=data, size=len(data)))
        return web.Response(text=f"OK - {len(data)}")

    async def _give_to_app(self, request: web.Request) -> web.Response:
        app = self._world.workspace.app
        if (
            request.headers.get("Authorization") != f"Bearer {app.bot_token}"
            or "files:read" not in app.scopes
        ):
            return web.Response(status=403, text="This needs a token with files:read.")
        return _give(self._world.workspace.files.get(request.match_info["file_id"]))

    async def _give_to_person(self, request: web.Request) -> web.Response:
        """A file for the eyes of whoever sees a message that carries it."""
        file_id = request.query.get("file_id")
        try:
            user = self._world.find_person(request.query.get("as"))
        except PersonRefused as refused:
            return web.json_response({"error": refused.words}, status=refused.status)
        shared = (
            file
            for channel in self._world.workspace.channels.values()
            if user.id in channel.members
            for message in self._world.workspace.messages_in(channel.id)
            for file in message.content.files
        )
        return _give(next((file for file in shared if file.id == file_id), None))


async def _read_bytes(request: web.Request) -> bytes:
    """The bytes, whether they are the body or the one part of a form."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    part = await (await request.multipart()).next()
    return bytes(await part.read()) if isinstance(part, BodyPartReader) else b""


def _give(file: File | None) -> web.Response:
    if file is None or file.data is None:
        return web.json_response({"error": "There is no such file."}, status=404)
    # What was uploaded is never shown as a page of ours.
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=file.data, content_type=file.media_type, headers=headers)
