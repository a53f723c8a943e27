"""The workspace everybody starts with: an Odoo agency's, with six people, four channels and the app.

Dora and Eli, the leads, live so far apart that at any hour one of them is awake.
"""

from bot.sim.workspace.entities import App, Channel, Group, Shortcut, SlashCommand, Team, User
from bot.sim.workspace.store import Workspace

BOT_TOKEN = "xoxb-sandbox-0000000000"  # noqa: S105 - opens nothing but the stand-in
APP_TOKEN = "xapp-1-A0OECBOT-sandbox-0000000000"  # noqa: S105 - opens nothing but the stand-in

SIGNING_SECRET = "sandbox-signing-secret-0000000000"  # noqa: S105 - signs nothing but the stand-in's own requests

SCOPES = (
    "commands",
    "chat:write",
    "app_mentions:read",
    "channels:read",
    "groups:read",
    "users:read",
    "usergroups:read",
    "channels:history",
    "groups:history",
)
"""What the app of `manifest.yml` is granted, its two optional scopes among them."""

OEC_COMMAND = SlashCommand(
    command="/oec",
    description="Deploy and look after Odoo environments",
    usage_hint="deploy prod · can stop prod · why 42 · status · help",
    should_escape=True,
)

_PEOPLE = (
    User("U0ANA", "ana", "Ana", tz="Europe/Madrid", title="Consultant, releaser", color="teal"),
    User("U0BEN", "ben", "Ben", tz="Europe/Berlin", title="Developer, releaser", color="indigo"),
    User("U0CLEO", "cleo", "Cleo", tz="America/New_York", title="Support", color="amber"),
    User("U0DORA", "dora", "Dora", tz="Asia/Tokyo", title="Head of delivery", color="moss"),
    User("U0ELI", "eli", "Eli", tz="America/New_York", title="Head of support", color="slate"),
    User("U0GUS", "gus", "Gus", tz="Asia/Kolkata", title="Guest of the client", color="rose", is_guest=True),
)
_BOT_USER = User("U0OECBOT", "oec", "oec", color="slate", is_bot=True)


def seeded_workspace(
    *,
    commands: tuple[SlashCommand, ...] = (OEC_COMMAND,),
    shortcuts: tuple[Shortcut, ...] = (Shortcut("oec_message", "Ask oec about this"),),
    scopes: tuple[str, ...] = SCOPES,
) -> Workspace:
    """A fresh workspace with the fixed ids that tests, demo and rules file rely on."""
    app = App(
        id="A0OECBOT",
        name="oec",
        bot_user_id=_BOT_USER.id,
        bot_id="B0OECBOT",
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SIGNING_SECRET,
        scopes=scopes,
        commands=commands,
        shortcuts=shortcuts,
    )
    workspace = Workspace(Team("T0ACME", "Acme Odoo", "acme-odoo"), app, (*_PEOPLE, _BOT_USER))
    workspace.put_group(Group("S0RELEASE", "releasers", "Releasers", ("U0ANA", "U0BEN")))
    workspace.put_group(Group("S0LEADS", "leads", "Leads", ("U0DORA", "U0ELI")))
    for channel in _channels():
        workspace.put_channel(channel)
    return workspace


def _channels() -> tuple[Channel, ...]:
    ana, ben, cleo, dora, eli, gus = (person.id for person in _PEOPLE)
    bot = _BOT_USER.id
    return (
        Channel("C0DEPLOYS", "deploys", (ana, ben, cleo, dora, eli, gus, bot)),
        Channel("C0SUPPORT", "support", (ana, ben, cleo, eli, bot)),
        Channel("C0RANDOM", "random", (ana, ben, cleo, dora, eli, gus)),
        Channel("C0OPS", "ops", (ana, ben, dora, eli, bot)),
    )
