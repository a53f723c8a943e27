"""The OpenAPI document of what is served here, and a plain page that shows it: both made from the table of routes."""

from functools import cache
from html import escape
from typing import Any

from aiohttp import web

from bot.sim.hosting.objects import OBJECTS
from bot.sim.hosting.route import Idempotency, Parameter, Route
from bot.sim.hosting.routes.table import ROUTES
from bot.sim.hosting.schemas import TEXT, UUID, Schema, nullable, ref
from bot.sim.hosting.shapes import BASE

_COMMON = (401, 402, 403, 422, 429, 500)
"""What any route may refuse with: key, billing, tier, a call that does not validate, limits, a fault."""

_REFUSED = {
    400: "Cannot be carried out",
    401: "No good key",
    402: "Billing refuses changes",
    403: "Not with this key or plan",
    404: "Not found, or not visible to this key",
    409: "Something stands in the way",
    422: "Does not validate",
    429: "Too many calls",
    500: "A fault of the service",
    502: "The server did not answer",
    503: "The queue did not take the task",
    504: "Docker on the server did not answer",
}
_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Window")


@cache
def document() -> dict[str, Any]:
    """The document, as OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "oec.sh Public API, simulated",
            "version": "1",
            "description": "A stand-in on loopback, for trying clients without an account.",
        },
        "servers": [{"url": BASE}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": OBJECTS,
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": [*_places(route), *map(_from_query, route.query), *_headers(route)],
        "responses": _responses(route),
    }
    if route.body is not None:
        schema = route.body if route.is_body_needed else nullable(route.body)
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": route.is_body_needed, "content": content}
    return operation


def _places(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": UUID} for name in route.place_names]


def _from_query(one: Parameter) -> dict[str, Any]:
    return {"name": one.name, "in": "query", "description": one.about, "schema": one.schema}


def _headers(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.idempotency is not Idempotency.NONE:
        about = "A string of your own; a retry with it within 24 hours gets the first answer again."
        found.append(_header(str(route.idempotency.value), about, TEXT, is_needed=False))
    if route.confirmation is not None:
        schema = {"type": "string", "enum": ["true"]}
        found.append(_header(route.confirmation, "That you mean it.", schema, is_needed=True))
    return found


def _header(name: str, about: str, schema: Schema, *, is_needed: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": is_needed, "description": about, "schema": schema}


def _responses(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.reply.about, "headers": _limit_headers()}
    if route.reply.schema is not None:
        good["content"] = {"application/json": {"schema": route.reply.schema}}
    bad = {"application/json": {"schema": ref("Error")}}
    absent = {404} if names_something(route) else set()
    refusals = sorted({*_COMMON, *absent, *route.refusals})
    return {str(route.reply.status): good} | {
        str(status): {"description": _REFUSED[status], "content": bad} for status in refusals
    }


def names_something(route: Route) -> bool:
    """Whether a call of it names anything that may be absent, in its path or its body."""
    return bool(route.place_names) or "project_id" in (route.body or {}).get("properties", {})


def _limit_headers() -> dict[str, Any]:
    return {name: {"schema": {"type": "integer"}} for name in _LIMIT_HEADERS}


async def get_document(_: web.Request) -> web.Response:
    """`GET /openapi.json`; needs no key."""
    return web.json_response(document())


async def get_page(_: web.Request) -> web.Response:
    """`GET /docs`: the document for people, with nothing loaded from elsewhere; needs no key."""
    return web.Response(text=page(), content_type="text/html")


@cache
def page() -> str:
    """The page."""
    info = document()["info"]
    sections = "\n".join(_section(route) for route in ROUTES)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(info["title"])}</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
  h2 {{ font-size: 1rem; border-top: 1px solid; padding-top: 1rem; }}
  table {{ border-collapse: collapse; }}
  td {{ padding: 0 1rem 0 0; vertical-align: top; }}
</style>
<h1>{escape(info["title"])}</h1>
<p>{escape(info["description"])} Base: <code>{BASE}</code>. Every call brings <code>Authorization: Bearer KEY</code>.
As a document: <a href="openapi.json">openapi.json</a>.</p>
{sections}
</html>
"""


def _section(route: Route) -> str:
    asked = [(one["name"], one["in"], _words(one["schema"])) for one in _operation(route)["parameters"]]
    if route.body is not None:
        needed = route.body.get("required", ())
        asked += [
            (name, "body, needed" if name in needed else "body", _words(schema))
            for name, schema in route.body["properties"].items()
        ]
    answers = ", ".join(_responses(route))
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in asked)
    return f"""<h2><code>{route.method} {escape(route.path)}</code></h2>
<p>{escape(route.summary)}. Answers {answers}.</p>
<table>{rows}</table>"""


def _words(schema: Schema) -> str:
    kinds = schema["type"]
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    choices = schema.get("enum") or schema.get("items", {}).get("enum")
    more = [f"one of {', '.join(choices)}"] if choices else []
    bounds = (("from", "minimum"), ("to", "maximum"), ("default", "default"))
    more += [f"{word} {schema[name]}" for word, name in bounds if name in schema]
    return ", ".join([kind, *more])
