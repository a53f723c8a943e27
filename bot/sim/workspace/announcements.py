"""Events: which of them an app gets to hear, by what it subscribed to and what it was granted."""

from bot.sim.workspace import payloads
from bot.sim.workspace.entities import Channel, JsonObject
from bot.sim.workspace.world import World

# An event, by the name it is subscribed to, and the scope it needs. Messages are subscribed to by kind of conversation.
SUBSCRIPTIONS: dict[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
_PLACES = {"channel": "channels", "group": "groups", "im": "im"}


def announce(
    world: World, event: JsonObject, name: str, channel: Channel | None = None
) -> tuple[str, str] | None:
    """Tell the app of an event; the ids of event and envelope, or None where it does not want or may not hear it."""
    if name == "message" and channel is not None:
        name = f"message.{_PLACES[payloads.kind_of(channel)]}"
    app, scope = world.workspace.app, SUBSCRIPTIONS[name]
    if name not in app.events or (scope is not None and scope not in app.scopes):
        return None
    event_id = f"Ev{world.workspace.next_number():08d}"
    payload = payloads.event_callback(
        world.workspace, event, event_id=event_id, now=world.now(), channel=channel
    )
    return event_id, world.deliveries.announce(payload).id
