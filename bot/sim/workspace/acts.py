"""What people do in a workspace: type commands, write, mention the app, use shortcuts, open its Home."""

from dataclasses import dataclass

from bot.sim.workspace import payloads
from bot.sim.workspace.announcements import announce
from bot.sim.workspace.contents import read_content
from bot.sim.workspace.deliveries import again
from bot.sim.workspace.entities import SLACKBOT_ID, Channel, Content, JsonObject, Message, SlashCommand, User
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.escaping import escape_typed
from bot.sim.workspace.methods.reactions import is_emoji
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.responses import show_answer
from bot.sim.workspace.world import PersonRefused, World


@dataclass(frozen=True, slots=True)
class Commanded:
    """What became of a slash command."""

    delivery: Delivery
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message somebody wrote; `event_id` is set where the app was told of it."""

    message: Message
    event_id: str | None
    envelope_id: str | None = None


async def type_command(world: World, user: User, channel: Channel, *, command: str, text: str) -> Commanded:
    """Type a slash command and wait for the app's acknowledgement, or for Slack's patience to end."""
    declared = _find_command(world, command)
    workspace = world.workspace
    trigger_id = world.issue_trigger(user.id)
    payload = payloads.slash_command(
        workspace,
        user,
        channel,
        command=command,
        text=escape_typed(workspace, text) if declared.should_escape else text,
        trigger_id=trigger_id,
        response_url=world.issue_reply_url(channel, user),
    )
    delivery = await world.deliveries.deliver(
        Envelope("slash_commands", payload, accepts_response_payload=True)
    )
    show_acknowledgement(world, user, channel, command, delivery)
    return Commanded(delivery, trigger_id)


def show_acknowledgement(
    world: World, user: User, channel: Channel, command: str, delivery: Delivery
) -> None:
    """Show a command's immediate answer, or Slack's own words where there was none."""
    if not delivery.is_acked:
        _say_failed(world, user, channel, command, _failure(delivery))
        return
    if delivery.payload is None:
        return
    try:
        content = read_content(world.workspace, delivery.payload)
    except SlackRefusal as refusal:
        world.note_answer("acknowledgement", delivery.payload, refusal.code)
        if refusal.code != "no_text":
            _say_failed(world, user, channel, command, refusal.code)
        return
    world.note_answer("acknowledgement", delivery.payload)
    only_for = None if delivery.payload.get("response_type") == "in_channel" else user.id
    show_answer(world.workspace, channel.id, content, only_for=only_for, now=world.now())


def _failure(delivery: Delivery) -> str:
    """What Slack says to the person whose command nobody acknowledged."""
    if delivery.status is not None:
        return "http_client_error" if delivery.status < 500 else "http_service_error"
    is_late = delivery.problem in ("timeout", "http_timeout")
    return "operation_timeout" if delivery.was_sent and is_late else "dispatch_failed"


def _say_failed(world: World, user: User, channel: Channel, command: str, code: str) -> None:
    world.whisper(user, channel, f'{command} failed with the error "{code}"', author=SLACKBOT_ID)


def _find_command(world: World, command: str) -> SlashCommand:
    for declared in world.workspace.app.commands:
        if declared.command == command:
            return declared
    raise PersonRefused(404, f"{command} is not a valid command.")


def say(world: World, user: User, channel: Channel, *, text: str, thread_ts: str | None = None) -> Said:
    """Write a message; naming the app in it makes it a mention."""
    workspace = world.workspace
    if not text.strip():
        raise PersonRefused(400, "There is nothing to say: `text` is empty.")
    now = world.now()
    message = workspace.post(
        Message(
            ts=workspace.next_ts(now),
            channel_id=channel.id,
            user_id=user.id,
            content=Content(escape_typed(workspace, text)),
            posted_at=now,
            thread_ts=_thread_of(world, user, channel, thread_ts),
        )
    )
    return _tell(world, user, channel, message)


def mention(world: World, user: User, channel: Channel, *, text: str, thread_ts: str | None = None) -> Said:
    """Write a message that names the app, at its beginning where the words do not do so themselves."""
    if _mention_of(world) not in escape_typed(world.workspace, text):
        text = f"{_mention_of(world)} {text}"
    return say(world, user, channel, text=text, thread_ts=thread_ts)


def _mention_of(world: World) -> str:
    return f"<@{world.workspace.app.bot_user_id}>"


def _thread_of(world: World, user: User, channel: Channel, thread_ts: str | None) -> str | None:
    if not thread_ts:
        return None
    parent = world.find_message_seen(user, channel, thread_ts)
    if parent.is_ephemeral:
        raise PersonRefused(400, "Nobody can reply to a message that only one person sees.")
    return parent.thread_ts or parent.ts


def _tell(world: World, user: User, channel: Channel, message: Message) -> Said:
    """Tell the app of what was said, where it asked to be told: of being named, of every message."""
    app, is_named = world.workspace.app, _mention_of(world) in message.content.text
    if app.bot_user_id not in channel.members:
        if is_named:
            words = f"{_mention_of(world)} is not in this channel and does not see what you wrote."
            world.whisper(user, channel, words, author=SLACKBOT_ID)
        return Said(message, None)
    told = announce(world, payloads.posted(world.workspace, channel, message), "message", channel)
    if is_named:
        told = announce(world, payloads.app_mention(world.workspace, message), "app_mention", channel) or told
    return Said(message, *told) if told else Said(message, None)


def open_home(world: World, user: User) -> tuple[str, str] | None:
    """Open the app's Home tab; the ids of event and envelope, where the app asked to be told."""
    workspace = world.workspace
    event = payloads.app_home_opened(
        workspace,
        user,
        workspace.direct_messages(user.id),
        workspace.home_of(user.id),
        event_ts=f"{world.now().timestamp():.6f}",
    )
    return announce(world, event, "app_home_opened")


def react(
    world: World, user: User, channel: Channel, message: Message, *, name: str, adds: bool
) -> tuple[str, str] | None:
    """Put an emoji under a message or take it back; the ids of event and envelope, where the app asked to be told."""
    if not is_emoji(name) or message.is_ephemeral:
        raise PersonRefused(400, f"Nobody can react with {name!r} to that.")
    if not world.workspace.react(message, name, user.id, adds=adds):
        raise PersonRefused(409, f"{user.real_name} has{' ' if adds else ' not '}reacted with {name} before.")
    if world.workspace.app.bot_user_id not in channel.members:
        return None
    kind = "reaction_added" if adds else "reaction_removed"
    event_ts = f"{world.now().timestamp():.6f}"
    event = payloads.reacted(user, message, kind=kind, name=name, event_ts=event_ts)
    return announce(world, event, kind, channel)


async def use_shortcut(
    world: World, user: User, *, callback_id: str, place: tuple[Channel, Message] | None
) -> Delivery:
    """Choose a shortcut: from a message's menu where `place` names a message, else from anywhere."""
    kind = "message" if place else "global"
    declared = [one for one in world.workspace.app.shortcuts if one.callback_id == callback_id]
    if not any(one.type == kind for one in declared):
        raise PersonRefused(404, f"There is no {kind} shortcut {callback_id}.")
    payload = _shortcut_payload(world, user, callback_id, place)
    return await world.deliveries.deliver(Envelope("interactive", payload, accepts_response_payload=False))


def _shortcut_payload(
    world: World, user: User, callback_id: str, place: tuple[Channel, Message] | None
) -> JsonObject:
    trigger_id, now = world.issue_trigger(user.id), world.now()
    if place is None:
        return payloads.global_shortcut(
            world.workspace, user, callback_id=callback_id, trigger_id=trigger_id, now=now
        )
    channel, message = place
    return payloads.message_shortcut(
        world.workspace,
        user,
        channel,
        message,
        callback_id=callback_id,
        trigger_id=trigger_id,
        response_url=world.issue_reply_url(channel, user, message),
        now=now,
    )


async def redeliver(world: World, envelope_id: str) -> Delivery:
    """Send an envelope once more, as Slack may; what its acknowledgement carries is shown again too."""
    envelope = world.deliveries.find_envelope(envelope_id)
    if envelope is None:
        raise PersonRefused(404, f"No envelope {envelope_id} was sent.")
    if envelope.kind == "events_api":
        envelope = again(envelope)
    delivery = await world.deliveries.deliver(envelope)
    if envelope.kind == "slash_commands" and delivery.payload is not None:
        user = world.find_person(envelope.payload["user_id"])
        channel = world.find_place(user, envelope.payload["channel_id"])
        show_acknowledgement(world, user, channel, envelope.payload["command"], delivery)
    return delivery
