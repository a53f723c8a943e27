"""How Slack says no: an error code, and where it helps, what exactly was wrong."""

from bot.sim.workspace.entities import JsonObject


class SlackRefusal(Exception):  # noqa: N818 - a refusal is Slack's answer, not our error
    """The answer `{"ok": false, "error": code}`; `faults` fill `response_metadata.messages`."""

    def __init__(self, code: str, faults: list[str] | None = None, **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.faults = list(faults or [])
        self.more = more

    def to_answer(self) -> JsonObject:
        """The body that travels back to the app."""
        answer: JsonObject = {"ok": False, "error": self.code, **self.more}
        if self.faults:
            answer["response_metadata"] = {"messages": self.faults}
        return answer
