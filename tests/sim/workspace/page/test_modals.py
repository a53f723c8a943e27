"""The app's modals on the page: what is wrong is said beside the field, nothing typed is lost, focus finds its way."""

import pytest
from playwright.async_api import expect

from tests.sim.workspace.page.conftest import Stage
from tests.sim.workspace.page.toy_app import NOT_THE_NAME
from tests.sim.workspace.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "Type the environment's name"


async def test_wrong_entry_is_objected_to_and_right_one_submitted(window: Window, stage: Stage) -> None:
    await window.types("/oec form")
    await window.modal.get_by_label(NAME).fill("prod")
    await window.modal.get_by_label("Reason").fill("fresh start")
    await window.modal.get_by_label("Tonight").check()
    await window.presses("Reinitialise")
    field = window.modal.get_by_label(NAME)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(f"✕ {NOT_THE_NAME}")
    await expect(field).to_be_focused()
    await expect(window.modal.get_by_label("Reason")).to_have_value("fresh start")
    assert stage.app.submitted == []
    await field.fill("dev")
    await window.presses("Reinitialise")
    await expect(window.modal).to_have_count(0)
    (values,) = stage.app.submitted
    assert values["name"]["typed"]["value"] == "dev"
    assert values["reason"]["typed"]["value"] == "fresh start"
    assert values["when"]["chosen"]["selected_option"]["value"] == "tonight"


async def test_empty_required_field_is_objected_to_before_the_app_is_asked(
    window: Window, stage: Stage
) -> None:
    await window.types("/oec form")
    await window.presses("Reinitialise")
    await expect(window.modal.get_by_label(NAME)).to_have_accessible_description("✕ Please fill this in.")
    assert stage.app.submitted == []


async def test_escape_closes_and_focus_returns_to_the_composer(window: Window) -> None:
    await window.types("/oec form")
    await expect(window.modal.get_by_label(NAME)).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.modal).to_have_count(0)
    await expect(window.composer).to_be_focused()


async def test_focus_stays_in_the_modal(window: Window) -> None:
    await window.types("/oec form")
    await expect(window.modal).to_be_visible()
    for _ in range(12):
        await window.page.keyboard.press("Tab")
        assert await window.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


async def test_pushed_modal_lies_on_top_and_gives_back_what_was_typed(window: Window) -> None:
    await window.types("/oec form")
    await window.modal.get_by_label("Reason").fill("fresh start")
    await window.presses("Explain")
    await expect(window.modal.get_by_role("heading", name="What this does")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.modal.get_by_role("heading", name="Reinitialise sale")).to_be_visible()
    await expect(window.modal.get_by_label("Reason")).to_have_value("fresh start")


async def test_modal_belongs_to_one_person(window: Window) -> None:
    await window.types("/oec form")
    await window.modal.get_by_label("Reason").fill("fresh start")
    await window.page.evaluate("location.hash = '#/U0BEN/C0DEPLOYS'")
    await expect(window.modal).to_have_count(0)
    await window.page.evaluate("location.hash = '#/U0ANA/C0DEPLOYS'")
    await expect(window.modal.get_by_label("Reason")).to_have_value("fresh start")


async def test_changed_modal_keeps_what_is_being_typed(window: Window, stage: Stage) -> None:
    await window.types("/oec form")
    reason = window.modal.get_by_label("Reason")
    await reason.fill("fresh")
    (view,) = stage.server.workspace.modals_of("U0ANA")
    content = {**view.content, "title": {"type": "plain_text", "text": "Reinitialise sale 2"}}
    await stage.app.client.views_update(view_id=view.id, view=content)
    await expect(window.modal.get_by_role("heading", name="Reinitialise sale 2")).to_be_visible()
    await expect(reason).to_have_value("fresh")
    await expect(reason).to_be_focused()
