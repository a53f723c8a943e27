"""How Slack's own client rewrites what a person types: names become ids, special signs are escaped."""

import re

from bot.sim.workspace.store import Workspace

_KNOWN_TOKEN = re.compile(r"<(?:@[UW]|#C|!subteam\^S)[A-Z0-9]+(?:\|[^<>]*)?>|<!(?:here|channel|everyone)>")
_TYPED = re.compile(r"(?P<url>https?://[^\s<>]+)|(?<![\w@#])(?P<sign>[@#])(?P<name>[a-zA-Z0-9][\w.-]*)")
_BROADCASTS = frozenset({"here", "channel", "everyone"})


def escape_typed(workspace: Workspace, text: str) -> str:
    """The text as the app receives it: `@ana` → `<@U0ANA>`, `#deploys` → `<#C0DEPLOYS|deploys>`, `&` → `&amp;`.

    Tokens that are already in Slack's form stay as they are, so that tests may write ids.
    """
    written, last = [], 0
    for token in _KNOWN_TOKEN.finditer(text):
        written.append(_escape_plain(workspace, text[last : token.start()]))
        written.append(token.group())
        last = token.end()
    written.append(_escape_plain(workspace, text[last:]))
    return "".join(written)


def escape_signs(text: str) -> str:
    """The three characters that mean something to Slack, made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape_plain(workspace: Workspace, text: str) -> str:
    written, last = [], 0
    for found in _TYPED.finditer(text):
        written.append(escape_signs(text[last : found.start()]))
        written.append(_replaced(workspace, found))
        last = found.end()
    written.append(escape_signs(text[last:]))
    return "".join(written)


def _replaced(workspace: Workspace, found: re.Match[str]) -> str:
    if found["url"]:
        return f"<{escape_signs(found['url'])}>"
    name = found["name"]
    bare = name.rstrip(".-")
    token = _token(workspace, found["sign"], bare.lower())
    return escape_signs(found.group()) if token is None else token + name[len(bare) :]


def _token(workspace: Workspace, sign: str, name: str) -> str | None:
    if sign == "#":
        for channel in workspace.channels.values():
            if channel.name == name and not channel.is_im:
                return f"<#{channel.id}|{'' if channel.is_private else channel.name}>"
        return None
    for user in workspace.users.values():
        if name in (user.name.lower(), user.real_name.lower()):
            return f"<@{user.id}>"
    for group in workspace.groups.values():
        if group.handle.lower() == name:
            return f"<!subteam^{group.id}>"
    return f"<!{name}>" if name in _BROADCASTS else None
