"""How the bot stands with Slack: what only its operators can set right, they are told in one line, once."""

from collections.abc import Callable

from bot.core.errors import ChatRefusedError, Cure

Say = Callable[[str], None]


def say_nothing(_line: str) -> None:
    """Where there is nobody to tell."""


class Standing:
    """Hears of refusals that are about the bot itself. `say` reaches the operators where they run it."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._told: set[str] = set()
        self._is_shut_out = False

    def note_refusal(self, refusal: ChatRefusedError) -> None:
        """Slack refused to show something. Told once each, until Slack takes something again."""
        if refusal.cure not in {Cure.TOKEN, Cure.APP_SET_RIGHT} or refusal.error in self._told:
            return
        self._told.add(refusal.error)
        if refusal.cure is Cure.TOKEN:
            self._is_shut_out = True
            self._say(
                f"Slack no longer takes SLACK_BOT_TOKEN ({refusal.error}): cards wait until it does. If the app was "
                "taken out of the workspace, install it again; put its Bot User OAuth Token in SLACK_BOT_TOKEN and "
                "start me again."
            )
        else:
            self._say(
                f"Slack lets the app show nothing ({refusal.error}): install it again from manifest.yml, then start "
                "me again. What could not be shown is shown then."
            )

    def note_success(self) -> None:
        """Slack took something."""
        if self._is_shut_out:
            self._say("Slack takes SLACK_BOT_TOKEN again: the cards are brought up to date.")
        self._is_shut_out = False
        self._told.clear()
