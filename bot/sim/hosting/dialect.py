"""The ways in which services of different age differ, and things its documents disagree about: each a switch. Pure.

has_microseconds   live answers carry microseconds in times, the documents' examples do not
hides_down         older services leave stopped, paused and broken environments out of lists and answer 404 for them
lock_before_cache  older services take the action lock before they look for a remembered answer
page_count_name    how a page-style list names its number of pages
backup_words       `client`: in_progress and uploading; `docs`: running for both, and nothing ever expires
error_shape        `nested`: mostly under `detail`; `top`: every error as the reference documents it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.sim.hosting.entities import Signing

PageCountName = Literal["pages", "total_pages"]
BackupWords = Literal["client", "docs"]
ErrorShape = Literal["nested", "top"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How this service speaks; the defaults are the newest known."""

    has_microseconds: bool = True
    hides_down: bool = False
    lock_before_cache: bool = False
    page_count_name: PageCountName = "pages"
    backup_words: BackupWords = "client"
    error_shape: ErrorShape = "nested"
    signing: Signing = field(default_factory=Signing)


def spoken_error(body: object, dialect: Dialect) -> object:
    """An error's body in this service's shape; bodies that are no error of ours stay as they are."""
    if dialect.error_shape == "nested" or not isinstance(body, Mapping) or "detail" not in body:
        return body
    detail = body["detail"]
    if isinstance(detail, list):
        return _top("validation_error", "The request did not validate.") | {
            "detail": [_field(finding) for finding in detail]
        }
    if isinstance(detail, Mapping):
        known = {"error", "reason", "message"}
        code = str(detail.get("error") or detail.get("reason"))
        return _top(code, str(detail.get("message", "")), {k: v for k, v in detail.items() if k not in known})
    return _top("error", str(detail))


def _top(code: str, message: str, details: Mapping[str, object] | None = None) -> dict[str, object]:
    return {"error": code, "message": message, "details": dict(details or {})}


def _field(finding: Mapping[str, object]) -> dict[str, object]:
    loc = finding.get("loc")
    places = loc if isinstance(loc, list) else []
    return {"field": ".".join(str(place) for place in places[1:]), "message": finding.get("msg")}
