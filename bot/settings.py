"""The process's settings: environment variables (and `.env`) → frozen `Settings`, every mistake at once.

Secrets are checked by their shape only, and never repeated: not in a mistake, not in a `repr`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from bot.core.hosts import is_loopback
from bot.core.nearness import find_nearest

SLACK_API_URL = "https://slack.com/api/"
OEC_API_URL = "https://api.oec.sh/api/public/v1"
RULES_FILE = "oec.yml"
DATABASE_FILE = "oec-bot.db"

VARIABLES: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "the bot user's token (xoxb-…); OAuth & Permissions page of the Slack app",
    "SLACK_APP_TOKEN": "an app-level token (xapp-…) with connections:write; Basic Information page of the Slack app",
    "SLACK_SIGNING_SECRET": "the Slack app's signing secret; only for HTTP mode",
    "SLACK_API_URL": f"Slack's address; default {SLACK_API_URL}",
    "OEC_API_KEY": "an oec.sh API key with full access (oec_live_rw_…)",
    "OEC_READ_KEY": "optional: a read-only oec.sh key (oec_live_ro_…), used for looking",
    "OEC_API_URL": f"the oec.sh API's address; default {OEC_API_URL}",
    "OEC_RULES": f"the rules file; default {RULES_FILE}",
    "OEC_DATABASE": f"the database file; default {DATABASE_FILE}",
}
"""Every variable that is read, and what it is for."""

_SLACK_TOKENS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
_BOT_PREFIX, _APP_PREFIX = "xoxb-", "xapp-"
_FULL_PREFIX, _READ_PREFIX = "oec_live_rw_", "oec_live_ro_"
_KINDS: Mapping[str, str] = {
    _BOT_PREFIX: "a bot token",
    _APP_PREFIX: "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token for refreshing others",
    _FULL_PREFIX: "a full-access oec.sh key",
    _READ_PREFIX: "a read-only oec.sh key",
}


class SettingsError(Exception):
    """Settings the bot cannot start with; its text is every mistake on a line of its own."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process was started with. `warnings` are things to tell the operator that stop nothing."""

    slack_bot_token: str = field(repr=False)
    slack_app_token: str = field(repr=False)
    oec_api_key: str = field(repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    oec_read_key: str | None = field(default=None, repr=False)
    slack_api_url: str = SLACK_API_URL
    oec_api_url: str = OEC_API_URL
    rules: Path = Path(RULES_FILE)
    database: Path = Path(DATABASE_FILE)
    warnings: tuple[str, ...] = ()


def read_environment(dotenv: Path | None) -> Mapping[str, str]:
    """The process's environment variables, over those of a `.env` file if there is one; raises `SettingsError`."""
    from_file = _read_file(dotenv) if dotenv is not None and dotenv.is_file() else {}
    return {name: value for name, value in from_file.items() if value is not None} | dict(os.environ)


def _read_file(dotenv: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(dotenv, interpolate=False)
    except UnicodeDecodeError:
        raise SettingsError((f"{dotenv} is no UTF-8 text. Save the file as UTF-8.",)) from None
    except OSError as error:
        raise SettingsError((f"{dotenv} cannot be read: {error.strerror}.",)) from None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables; raises `SettingsError` with every mistake. An empty one counts as not set."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    mistakes = _find_mistakes(given)
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(
        slack_bot_token=given["SLACK_BOT_TOKEN"],
        slack_app_token=given["SLACK_APP_TOKEN"],
        oec_api_key=given["OEC_API_KEY"],
        slack_signing_secret=given.get("SLACK_SIGNING_SECRET"),
        oec_read_key=given.get("OEC_READ_KEY"),
        slack_api_url=given.get("SLACK_API_URL", SLACK_API_URL).rstrip("/") + "/",
        oec_api_url=given.get("OEC_API_URL", OEC_API_URL).rstrip("/"),
        rules=Path(given.get("OEC_RULES", RULES_FILE)),
        database=Path(given.get("OEC_DATABASE", DATABASE_FILE)),
        warnings=_find_warnings(given),
    )


def _find_mistakes(given: Mapping[str, str]) -> tuple[str, ...]:
    swapped = _find_swapped(given)
    names = [name for name in VARIABLES if swapped is None or name not in _SLACK_TOKENS]
    found = [swapped, *(_find_mistake(name, given.get(name)) for name in names)]
    return tuple(mistake for mistake in found if mistake is not None)


def _find_swapped(given: Mapping[str, str]) -> str | None:
    bot, app = (given.get(name, "") for name in _SLACK_TOKENS)
    if bot.startswith(_APP_PREFIX) and app.startswith(_BOT_PREFIX):
        return "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped: the bot token begins with xoxb-, the app token with xapp-."
    return None


def _find_mistake(name: str, value: str | None) -> str | None:
    match name:
        case "SLACK_BOT_TOKEN":
            return _check_secret(name, value, (_BOT_PREFIX,), required=True)
        case "SLACK_APP_TOKEN":
            return _check_secret(name, value, (_APP_PREFIX,), required=True)
        case "OEC_API_KEY":
            return _check_secret(name, value, (_FULL_PREFIX,), required=True)
        case "OEC_READ_KEY":
            return _check_secret(name, value, (_READ_PREFIX, _FULL_PREFIX), required=False)
        case "SLACK_SIGNING_SECRET":
            return _check_secret(name, value, ("",), required=False)
        case "SLACK_API_URL" | "OEC_API_URL":
            return _check_url(name, value) if value is not None else None
        case _:
            return None


def _check_secret(name: str, value: str | None, prefixes: tuple[str, ...], *, required: bool) -> str | None:
    """What is wrong with a secret's shape, said without repeating it."""
    if value is None:
        return f"{name} is not set: {VARIABLES[name]}." if required else None
    kind = next((kind for prefix, kind in _KINDS.items() if value.startswith(prefix)), None)
    rightly = any(prefix and value.startswith(prefix) for prefix in prefixes) or (
        "" in prefixes and kind is None
    )
    if not rightly:
        found = f"holds {kind}" if kind else "does not look right"
        return f"{name} {found}. It must be {VARIABLES[name]}."
    if any(character.isspace() or character in "\"'" or not character.isprintable() for character in value):
        return f"{name} has blanks or quotes in it. Copy it again, without them."
    if not value.isascii():
        return f"{name} has letters in it that no token or key has. Copy it again."
    return None


def _check_url(name: str, value: str) -> str | None:
    parts = _split(value)
    if parts is None or not parts.hostname or parts.scheme not in {"https", "http"}:
        return f"{name} must be an address such as {_default_url(name)}."
    if parts.username or parts.password or parts.query or parts.fragment:
        return f"{name} must be a plain address: no user, no `?`, no `#`."
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return (
            f"{name} must begin with https://, for keys travel along (http:// only to this machine itself)."
        )
    return None


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    return parts if port != 0 else None


def _default_url(name: str) -> str:
    return SLACK_API_URL if name == "SLACK_API_URL" else OEC_API_URL


def _find_warnings(given: Mapping[str, str]) -> tuple[str, ...]:
    found = [
        _warn_unknown(name) for name in sorted(given) if name.startswith("OEC_") and name not in VARIABLES
    ]
    if given.get("OEC_READ_KEY", "").startswith(_FULL_PREFIX):
        found.append("OEC_READ_KEY holds a full-access key; a read-only one is enough and safer.")
    return tuple(found)


def _warn_unknown(name: str) -> str:
    nearest = find_nearest(name, VARIABLES)
    return f"{name} is no setting of this bot." + (f" Did you mean {nearest}?" if nearest else "")
