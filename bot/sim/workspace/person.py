"""The side door: plain HTTP with JSON through which tests and the page act as people, and let things go wrong."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.sim.workspace import acts, modals, presses, sight
from bot.sim.workspace.door import Answering, needed, refusal, with_body, with_query
from bot.sim.workspace.entities import Channel, JsonObject, User
from bot.sim.workspace.envelopes import Delivery
from bot.sim.workspace.faults import (
    CALL_FAULTS,
    DISCONNECT_REASONS,
    SOCKET_FAULTS,
    FaultMisread,
    read_call_fault,
    read_times,
)
from bot.sim.workspace.sockets import Goodbye
from bot.sim.workspace.stream import Streams
from bot.sim.workspace.world import PersonRefused, World


class PersonDoor:
    """Answers `/person/…`."""

    def __init__(self, world: World, streams: Streams, told: JsonObject) -> None:
        """`told`: what the page is told besides what there is to see, such as the welcome."""
        self._world = world
        self._streams = streams
        self._told = told

    def routes(self) -> list[web.RouteDef]:
        """The HTTP routes of this part."""
        seeing: dict[str, Answering] = {
            "workspace": self._see_workspace,
            "messages": self._see_messages,
            "views": self._see_views,
            "calls": self._see_calls,
            "answers": self._see_answers,
            "faults": self._see_faults,
        }
        acting: dict[str, Answering] = {
            "slash": self._type_command,
            "mention": self._mention,
            "say": self._say,
            "press": self._press,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._use_shortcut,
            "home": self._open_home,
            "react": self._react,
            "redeliver": self._redeliver,
            "faults": self._plan_fault,
        }
        looks = [web.get(f"/person/{name}", with_query(answer)) for name, answer in seeing.items()]
        deeds = [web.post(f"/person/{name}", with_body(answer)) for name, answer in acting.items()]
        return [*looks, *deeds, web.get("/person/stream", self._stream)]

    # Seeing

    async def _see_workspace(self, _query: JsonObject) -> JsonObject:
        return sight.describe_workspace(self._world) | self._told

    async def _see_messages(self, query: JsonObject) -> JsonObject:
        user = self._world.find_person(needed(query, "as"))
        channel = self._world.find_place(user, needed(query, "channel_id"))
        return {"messages": sight.list_messages(self._world, user, channel, query.get("thread_ts"))}

    async def _see_views(self, query: JsonObject) -> JsonObject:
        return sight.describe_views(self._world, self._world.find_person(needed(query, "user_id")))

    async def _see_calls(self, query: JsonObject) -> JsonObject:
        return {"calls": sight.list_calls(self._world, query.get("method"), query.get("since"))}

    async def _see_faults(self, _query: JsonObject) -> JsonObject:
        silence = [{"kind": "silent"}] if self._world.sockets.is_silenced else []
        return {"faults": [*self._world.faults.list_planned(), *silence]}

    async def _see_answers(self, query: JsonObject) -> JsonObject:
        return {"answers": sight.list_answers(self._world, query.get("since"))}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            user = self._world.find_person(needed(dict(request.query), "as"))
        except PersonRefused as refused:
            return refusal(refused)
        return await self._streams.serve(request, self._world, user)

    # Acting

    async def _type_command(self, body: JsonObject) -> JsonObject:
        user, channel = self._who_and_where(body)
        command, text = needed(body, "command"), str(body.get("text") or "")
        done = await acts.type_command(self._world, user, channel, command=command, text=text)
        delivery = done.delivery
        return _acked(delivery) | {"response": delivery.payload, "trigger_id": done.trigger_id}

    async def _mention(self, body: JsonObject) -> JsonObject:
        return _said(acts.mention(self._world, *self._who_and_where(body), **_words(body)))

    async def _say(self, body: JsonObject) -> JsonObject:
        return _said(acts.say(self._world, *self._who_and_where(body), **_words(body)))

    async def _press(self, body: JsonObject) -> JsonObject:
        wanted = presses.Wanted(
            action_id=body.get("action_id"),
            label=body.get("label"),
            block_id=body.get("block_id"),
            choice=body.get("selected_options", body.get("selected_option", body.get("value"))),
        )
        if not wanted.action_id and not wanted.label:
            raise PersonRefused(400, "Say what to press: `action_id` or `label`.")
        entered = _values(body)
        if body.get("view_id"):
            user = self._world.find_person(needed(body, "user_id"))
            view = modals.find_view(self._world, user, body["view_id"])
            return _acked(await presses.press_in_view(self._world, user, view, wanted, entered))
        user, channel = self._who_and_where(body)
        message = self._world.find_message_seen(user, channel, needed(body, "message_ts"))
        return _acked(await presses.press_in_message(self._world, user, channel, message, wanted, entered))

    async def _submit(self, body: JsonObject) -> JsonObject:
        user = self._world.find_person(needed(body, "user_id"))
        view = modals.find_view(self._world, user, needed(body, "view_id"))
        done = await modals.submit(self._world, user, view, _values(body))
        sent = _acked(done.delivery) if done.delivery else {"acked": False, "ack_ms": None}
        return sent | {
            "response_action": done.response_action,
            "errors": done.errors or None,
            "problem": done.problem,
        }

    async def _close(self, body: JsonObject) -> JsonObject:
        user = self._world.find_person(needed(body, "user_id"))
        view = modals.find_view(self._world, user, needed(body, "view_id"))
        told = await modals.close(self._world, user, view)
        return {"ok": True, "told": [_acked(delivery) for delivery in told]}

    async def _use_shortcut(self, body: JsonObject) -> JsonObject:
        user = self._world.find_person(needed(body, "user_id"))
        place = None
        if body.get("message_ts"):
            channel = self._world.find_place(user, needed(body, "channel_id"))
            place = (channel, self._world.find_message_seen(user, channel, body["message_ts"]))
        callback_id = needed(body, "callback_id")
        return _acked(await acts.use_shortcut(self._world, user, callback_id=callback_id, place=place))

    async def _open_home(self, body: JsonObject) -> JsonObject:
        user = self._world.find_person(needed(body, "user_id"))
        event_id, envelope_id = acts.open_home(self._world, user) or (None, None)
        return {"event_id": event_id, "envelope_id": envelope_id}

    async def _react(self, body: JsonObject) -> JsonObject:
        user, channel = self._who_and_where(body)
        message = self._world.find_message_seen(user, channel, needed(body, "message_ts"))
        adds = body.get("remove") is not True
        told = acts.react(self._world, user, channel, message, name=needed(body, "name"), adds=adds)
        event_id, envelope_id = told or (None, None)
        return {"event_id": event_id, "envelope_id": envelope_id}

    async def _redeliver(self, body: JsonObject) -> JsonObject:
        delivery = await acts.redeliver(self._world, needed(body, "envelope_id"))
        return {"ok": True} | _acked(delivery) | {"response": delivery.payload}

    async def _plan_fault(self, body: JsonObject) -> JsonObject:
        try:
            await self._cause(str(body.get("kind")), body)
        except FaultMisread as misread:
            raise PersonRefused(400, str(misread)) from None
        return {"ok": True}

    async def _cause(self, kind: str, body: JsonObject) -> None:
        sockets, faults = self._world.sockets, self._world.faults
        if kind in CALL_FAULTS:
            faults.add_call_fault(read_call_fault(body))
            return
        match kind:
            case "disconnect":
                sockets.disconnect_all(_read_goodbye(body))
            case "reset":
                sockets.reset_all()
            case "refuse_ticket":
                faults.refuse_tickets(read_times(body))
            case "silent":
                sockets.silence_all()
            case "noise":
                await sockets.make_noise()
            case "clear":
                faults.clear()
                sockets.silence_all(is_silent=False)
            case _:
                known = ", ".join(sorted(CALL_FAULTS | SOCKET_FAULTS | {"clear"}))
                raise FaultMisread(f"There is no fault {kind!r}; there are: {known}.")

    def _who_and_where(self, body: JsonObject) -> tuple[User, Channel]:
        user = self._world.find_person(needed(body, "user_id"))
        channel = self._world.find_place(user, needed(body, "channel_id"))
        if channel.is_archived:
            raise PersonRefused(403, f"#{channel.name} is archived.")
        return user, channel


def _words(body: JsonObject) -> dict[str, Any]:
    return {"text": needed(body, "text"), "thread_ts": body.get("thread_ts")}


def _values(body: JsonObject) -> dict[str, dict[str, Any]]:
    values = body.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(fields, dict) for fields in values.values()):
        raise PersonRefused(400, "`values` is {block_id: {action_id: value}}.")
    return values


def _acked(delivery: Delivery) -> JsonObject:
    return {"acked": delivery.is_acked, "ack_ms": delivery.ack_ms, "envelope_id": delivery.envelope_id}


def _said(said: acts.Said) -> JsonObject:
    return {"event_id": said.event_id, "ts": said.message.ts, "envelope_id": said.envelope_id}


def _read_goodbye(body: JsonObject) -> Goodbye:
    """`reason`; `warning` true for a warning ahead of it; `seconds` of notice. `warning` as a reason is one of a refresh."""
    reason, seconds = str(body.get("reason") or "refresh_requested"), body.get("seconds", 10)
    if reason not in DISCONNECT_REASONS:
        raise FaultMisread(
            f"There is no reason {reason!r}; there are: {', '.join(sorted(DISCONNECT_REASONS))}."
        )
    if not isinstance(seconds, int | float) or seconds < 0:
        raise FaultMisread("`seconds` is a number.")
    is_warned = reason == "warning" or body.get("warning") is True
    after = "refresh_requested" if reason == "warning" else reason
    return Goodbye(after, is_warned=is_warned, notice=timedelta(seconds=seconds))
