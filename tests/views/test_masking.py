"""Secrets in logs and errors: masked in every form in which they are known to turn up; the rest stays readable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.masking import MASK, mask_secrets

CANARY = "Zx9" + "canary7Q" * 3

DASHES = "-" * 5
"""Kept apart, so that nobody takes this file for one that holds a key."""

SECRETS = (
    f"password={CANARY}",
    f"PASSWORD: {CANARY}",
    f'"db_password": "{CANARY}"',
    f"'admin_passwd' => '{CANARY}'",
    f"--db_password={CANARY}",
    f"odoo -w {CANARY} -d prod",
    f"PGPASSWORD={CANARY} psql",
    f"postgres://odoo:{CANARY}@db:5432/prod",
    f"https://{CANARY}@github.com/client/addons.git",
    f"https://x-access-token:{CANARY}@github.com/client/addons.git",
    f"Authorization: Bearer {CANARY}",
    f"authorization: Basic {CANARY}==",
    f"Cookie: session_id={CANARY}; theme=dark",
    f"curl -H 'X-API-Key: {CANARY}' https://api.example",
    f"secret {CANARY}",
    f"the token is {CANARY}",
    f"key '{CANARY}'",
    f"client_secret={CANARY}&next=1",
    f"xoxb-{CANARY}",
    f"xapp-1-{CANARY}",
    f"https://hooks.slack.com/services/T0/B0/{CANARY}",
    f"oec_live_rw_{CANARY}",
    f"whsec_{CANARY}",
    f"ghp_{CANARY}",
    f"glpat-{CANARY}",
    f"sk-{CANARY}",
    f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{CANARY}",
    f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}\n{CANARY}\n{DASHES}END RSA PRIVATE KEY{DASHES}",
    f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}\n{CANARY}",
    f"{CANARY}\n-----END PRIVATE KEY-----",
    f"blob {CANARY * 3}",
    f"pass\u200bword={CANARY}",
)

HARMLESS = (
    'relation "sale_order_line" does not exist',
    'duplicate key value violates unique constraint "res_users_login_key"',
    "DETAIL: Key (login)=(admin) already exists.",
    "2026-11-20 14:19:00,123 17 INFO prod odoo.modules.loading: loading 42 modules...",
    "Module sale_management: checked out a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "/usr/lib/python3/dist-packages/odoo/addons/base/models/ir_module_module.py",
    "https://erp.client.example/web/database/selector",
    "KeyError: 'partner_id'",
    "git@github.com:client/addons.git",
    "step 8 of 12 took 58 s",
)


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_masked(text: str) -> None:
    shown = mask_secrets(f"before\n{text}\nafter")
    assert CANARY not in shown
    assert MASK in shown


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert mask_secrets(text) == text


def test_what_a_secret_was_for_stays_readable() -> None:
    assert mask_secrets(f"db_password={CANARY} host=db") == f"db_password={MASK} host=db"


@pytest.mark.parametrize("text", SECRETS)
def test_masked_text_stays_as_it_is(text: str) -> None:
    once = mask_secrets(text)
    assert mask_secrets(once) == once


def test_endless_text_keeps_its_end_and_takes_no_time() -> None:
    assert mask_secrets("password " * 100_000 + "the end").endswith("the end")


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=400))
@settings(deadline=None)
def test_any_text_can_be_masked(text: str) -> None:
    mask_secrets(text).encode()


@given(st.sampled_from(SECRETS), st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert CANARY not in mask_secrets(f"{before}\n{secret}\n{after}")
