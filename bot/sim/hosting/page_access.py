"""Which web page may use the side door: a browser says where a page comes from, and asks leave before it sends JSON.

Callers that are no browser say nothing of the kind and are welcome. Of pages, only the simulator's own origin and the one
named here are: any other page open in the same browser could otherwise start tasks.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

_Responding = Callable[[web.Request], Awaitable[web.StreamResponse]]
_GRANTED_FOR = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}


@dataclass(slots=True)
class PageAccess:
    """The origin of the one page from elsewhere that may ask, such as `http://127.0.0.1:8420`; None: no page may."""

    origin: str | None = None

    @web.middleware
    async def guard(self, request: web.Request, handler: _Responding) -> web.StreamResponse:
        """Refuse other pages; let the page's script read what it is answered."""
        origin = request.headers.get("Origin")
        if origin is None or origin == f"http://{request.headers.get('Host', '')}":
            return await handler(request)
        if not self._is_page(origin):
            return web.json_response(
                {"error": "the side door answers no page but the one beside it"}, status=403
            )
        is_preflight = request.method == "OPTIONS"
        response = web.Response(status=204, headers=_GRANTED_FOR) if is_preflight else await handler(request)
        response.headers.update({"Access-Control-Allow-Origin": origin, "Vary": "Origin"})
        return response

    def _is_page(self, origin: str) -> bool:
        """Whether this is the page; people type `localhost` for the same place."""
        if self.origin is None:
            return False
        return origin in {self.origin, self.origin.replace("//127.0.0.1:", "//localhost:")}
