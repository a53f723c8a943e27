"""The process's settings: environment variables (and `.env`) → frozen `Settings`, every mistake at once.

Secrets are checked by their shape only, and never repeated: not in a mistake, not in a `repr`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from bot.core.hosts import is_loopback
from bot.core.nearness import find_nearest

SLACK_API_URL = "https://slack.com/api/"
OEC_API_URL = "https://api.oec.sh/api/public/v1"
RULES_FILE = "oec.yml"
DATABASE_FILE = "oec-bot.db"
WEBHOOK_HEADER = "X-Webhook-Signature"
WEBHOOK_ENCODING: Literal["hex"] = "hex"
WEBHOOK_PREFIX = "sha256="
NO_PREFIX = "none"

VARIABLES: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "the bot user's token (xoxb-…); OAuth & Permissions page of the Slack app",
    "SLACK_APP_TOKEN": "an app-level token (xapp-…) with connections:write; Basic Information page of the Slack app",
    "SLACK_SIGNING_SECRET": "the Slack app's signing secret; only for HTTP mode, instead of SLACK_APP_TOKEN",
    "SLACK_API_URL": f"Slack's address; default {SLACK_API_URL}",
    "OEC_API_KEY": "an oec.sh API key with full access (oec_live_rw_…)",
    "OEC_READ_KEY": "optional: a read-only oec.sh key (oec_live_ro_…), used for looking",
    "OEC_API_URL": f"the oec.sh API's address; default {OEC_API_URL}",
    "OEC_RULES": f"the rules file; default {RULES_FILE}",
    "OEC_DATABASE": f"the database file; default {DATABASE_FILE}",
    "OEC_LISTEN": "optional: an address to listen at, such as 0.0.0.0:8080, for HTTP mode, webhooks and /health",
    "OEC_WEBHOOK_SECRET": "optional: the secret of an oec.sh webhook to <your address>/oec/webhook",
    "OEC_WEBHOOK_OLD_SECRET": "optional: the webhook's former secret, good as well while it is being changed",
    "OEC_WEBHOOK_HEADER": f"the header with a webhook's signature; default {WEBHOOK_HEADER}",
    "OEC_WEBHOOK_ENCODING": f"how a webhook's signature is written, hex or base64; default {WEBHOOK_ENCODING}",
    "OEC_WEBHOOK_PREFIX": f"what stands before a webhook's signature, or {NO_PREFIX}; default {WEBHOOK_PREFIX}",
    "OEC_WEBHOOK_TIME_HEADER": "optional: the header with a webhook's time; those older than 5 minutes are refused",
}
"""Every variable that is read, and what it is for."""

_NEEDED_FOR: Mapping[str, str] = {
    "OEC_WEBHOOK_SECRET": "OEC_LISTEN",
    "OEC_WEBHOOK_OLD_SECRET": "OEC_WEBHOOK_SECRET",
    "OEC_WEBHOOK_HEADER": "OEC_WEBHOOK_SECRET",
    "OEC_WEBHOOK_ENCODING": "OEC_WEBHOOK_SECRET",
    "OEC_WEBHOOK_PREFIX": "OEC_WEBHOOK_SECRET",
    "OEC_WEBHOOK_TIME_HEADER": "OEC_WEBHOOK_SECRET",
}
"""Settings that do nothing without another one."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_LISTEN_EXAMPLE = "0.0.0.0:8080"
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
class Address:
    """Where to listen. Port 0 is any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        """As it is written in the settings."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """How deliveries of oec.sh's webhooks are signed, none of which is documented."""

    secrets: tuple[str, ...] = field(repr=False)
    header: str = WEBHOOK_HEADER
    encoding: Literal["hex", "base64"] = WEBHOOK_ENCODING
    prefix: str = WEBHOOK_PREFIX
    time_header: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process was started with. `warnings` are things to tell the operator that stop nothing.

    Slack is heard over Socket Mode where there is an app token, else by HTTP: then there are a signing secret and an
    address to listen at.
    """

    slack_bot_token: str = field(repr=False)
    slack_app_token: str | None = field(repr=False)
    oec_api_key: str = field(repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    oec_read_key: str | None = field(default=None, repr=False)
    slack_api_url: str = SLACK_API_URL
    oec_api_url: str = OEC_API_URL
    rules: Path = Path(RULES_FILE)
    database: Path = Path(DATABASE_FILE)
    listen: Address | None = None
    webhook: WebhookSettings | None = None
    warnings: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that may be seen nowhere: those that are in no `repr`."""
        own = [getattr(self, one.name) for one in fields(self) if not one.repr]
        of_webhook = () if self.webhook is None else self.webhook.secrets
        return tuple(secret for secret in (*own, *of_webhook) if secret)


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
        slack_app_token=given.get("SLACK_APP_TOKEN"),
        oec_api_key=given["OEC_API_KEY"],
        slack_signing_secret=given.get("SLACK_SIGNING_SECRET"),
        oec_read_key=given.get("OEC_READ_KEY"),
        slack_api_url=given.get("SLACK_API_URL", SLACK_API_URL).rstrip("/") + "/",
        oec_api_url=given.get("OEC_API_URL", OEC_API_URL).rstrip("/"),
        rules=Path(given.get("OEC_RULES", RULES_FILE)),
        database=Path(given.get("OEC_DATABASE", DATABASE_FILE)),
        listen=_read_address(given["OEC_LISTEN"]) if "OEC_LISTEN" in given else None,
        webhook=_read_webhook(given) if "OEC_WEBHOOK_SECRET" in given else None,
        warnings=_find_warnings(given),
    )


def _read_address(value: str) -> Address | None:
    """`host:port`; an IPv6 host stands in brackets, and no host is every address of this machine."""
    host, colon, port = value.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535):
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    is_plain = all(letter.isascii() and (letter.isalnum() or letter in ".-:%_") for letter in host)
    return Address(host or "0.0.0.0", int(port)) if is_plain else None


def _read_webhook(given: Mapping[str, str]) -> WebhookSettings:
    names = ("OEC_WEBHOOK_SECRET", "OEC_WEBHOOK_OLD_SECRET")
    prefix = given.get("OEC_WEBHOOK_PREFIX", WEBHOOK_PREFIX)
    return WebhookSettings(
        secrets=tuple(given[name] for name in names if name in given),
        header=given.get("OEC_WEBHOOK_HEADER", WEBHOOK_HEADER),
        encoding="base64" if given.get("OEC_WEBHOOK_ENCODING") == "base64" else "hex",
        prefix="" if prefix == NO_PREFIX else prefix,
        time_header=given.get("OEC_WEBHOOK_TIME_HEADER"),
    )


def _find_mistakes(given: Mapping[str, str]) -> tuple[str, ...]:
    swapped = _find_swapped(given)
    names = [name for name in VARIABLES if swapped is None or name not in _SLACK_TOKENS]
    found = [swapped, *(_find_mistake(name, given.get(name)) or _find_missing(name, given) for name in names)]
    return tuple(mistake for mistake in found if mistake is not None)


def _find_missing(name: str, given: Mapping[str, str]) -> str | None:
    """What a setting that is right in itself still needs."""
    if name == "SLACK_APP_TOKEN" and name not in given and "SLACK_SIGNING_SECRET" not in given:
        return f"{name} is not set: {VARIABLES[name]}."
    is_http = "SLACK_SIGNING_SECRET" in given and "SLACK_APP_TOKEN" not in given
    if name == "OEC_LISTEN" and name not in given and is_http:
        return (
            f"{name} is not set: without SLACK_APP_TOKEN Slack comes to the bot, which needs an address to "
            f"listen at, such as {_LISTEN_EXAMPLE}."
        )
    needed = _NEEDED_FOR.get(name)
    if name in given and needed is not None and needed not in given:
        return f"{name} does nothing without {needed}. Set that too: {VARIABLES[needed]}."
    return None


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
            return _check_secret(name, value, (_APP_PREFIX,), required=False)
        case "OEC_API_KEY":
            return _check_secret(name, value, (_FULL_PREFIX,), required=True)
        case "OEC_READ_KEY":
            return _check_secret(name, value, (_READ_PREFIX, _FULL_PREFIX), required=False)
        case "SLACK_SIGNING_SECRET" | "OEC_WEBHOOK_SECRET" | "OEC_WEBHOOK_OLD_SECRET":
            return _check_secret(name, value, ("",), required=False)
        case "SLACK_API_URL" | "OEC_API_URL":
            return _check_url(name, value) if value is not None else None
        case _:
            return _check_word(name, value) if value is not None else None


def _check_word(name: str, value: str) -> str | None:
    match name:
        case "OEC_LISTEN" if _read_address(value) is None:
            return f"{name} must be an address and a port, such as {_LISTEN_EXAMPLE}."
        case "OEC_WEBHOOK_HEADER" | "OEC_WEBHOOK_TIME_HEADER" if not _HEADER_NAME.fullmatch(value):
            return f"{name} must be the name of a header, such as {WEBHOOK_HEADER}."
        case "OEC_WEBHOOK_ENCODING" if value not in {"hex", "base64"}:
            return f"{name} must be hex or base64."
        case "OEC_WEBHOOK_PREFIX" if len(value) > 50 or not (value.isascii() and value.isprintable()):
            return f"{name} must be a few plain letters, such as {WEBHOOK_PREFIX}, or {NO_PREFIX}."
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
    if given.keys() >= {"OEC_LISTEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}:
        found.append(
            "SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: Slack is heard over Socket Mode, not by HTTP."
        )
    return tuple(found)


def _warn_unknown(name: str) -> str:
    nearest = find_nearest(name, VARIABLES)
    return f"{name} is no setting of this bot." + (f" Did you mean {nearest}?" if nearest else "")
