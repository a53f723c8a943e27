"""How these tests sit at the page: one method per thing a person does with eyes, pointer and keyboard."""

from playwright.async_api import ConsoleMessage, Error, Locator, Page, expect

PATIENCE = 30_000
"""Milliseconds until something must be on the page; generous, for the machine may be busy."""


class Window:
    """One browser window on the workspace. `problems` are what the browser complained about."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        expect.set_options(timeout=PATIENCE)
        self.problems: list[str] = []
        self._url = url
        page.on("pageerror", self._note_error)
        page.on("console", self._note_complaint)

    def _note_error(self, error: Error) -> None:
        self.problems.append(str(error))

    def _note_complaint(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.problems.append(said.text)

    async def leave(self) -> None:
        """Go away from the page, so that nothing of it goes on."""
        self.page.remove_listener("pageerror", self._note_error)
        self.page.remove_listener("console", self._note_complaint)
        await self.page.goto("about:blank")

    async def opens(self, place: str = "") -> None:
        """Go to the page, at an address such as `U0ANA/C0DEPLOYS`, and wait until it is there."""
        await self.page.goto(f"{self._url}/#/{place}")
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(self.page.locator(".bot-state")).to_contain_text("connected")

    async def acts_as(self, name: str) -> None:
        """Become somebody else by the switch."""
        await self.page.get_by_role("radio", name=name).check(force=True)
        await expect(self.composer).to_have_attribute(
            "aria-label", f"Message #{await self.channel_name()} as {name}"
        )

    async def channel_name(self) -> str:
        """The channel on screen."""
        return (await self.page.get_by_role("heading", level=1).inner_text()).strip()

    async def goes_to(self, channel: str) -> None:
        """Choose a place in the list."""
        await self.places.get_by_role("link", name=channel).click()

    async def types(self, text: str) -> None:
        """Write into the composer and send it off."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def replies(self, text: str) -> None:
        """Write into the thread."""
        await self.reply_field.fill(text)
        await self.reply_field.press("Enter")

    async def presses(self, name: str) -> None:
        """Press the last button of this name."""
        await self.page.get_by_role("button", name=name, exact=True).last.click()

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer")

    @property
    def reply_field(self) -> Locator:
        return self.page.locator("#thread-composer")

    @property
    def places(self) -> Locator:
        return self.page.get_by_role("navigation")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("complementary", name="Thread")

    @property
    def modal(self) -> Locator:
        return self.page.locator("dialog.dialog[open]")

    def message(self, text: str) -> Locator:
        """The messages in the channel that hold these words."""
        return self.page.locator(".channel-body .message").filter(has_text=text)

    async def sees(self, text: str) -> None:
        """Wait for a message in the channel."""
        await expect(self.message(text).last).to_be_visible()
