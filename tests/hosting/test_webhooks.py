"""Deliveries of oec.sh's webhooks: whose signature is taken, what they hint at, and what is refused."""

import base64
import hashlib
import hmac
import json
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.core.arrivals import Answer, Refused
from bot.hosting.webhooks import (
    MOST_IDS,
    REMEMBERED,
    Signing,
    Webhooks,
    find_fault,
    find_ids,
    is_signed,
    read_time,
)
from bot.sim.hosting.courier import sign as sign_as_the_simulator
from bot.sim.hosting.entities import Signing as SimulatedSigning

SECRET, OLD_SECRET = "whsec_new-secret-of-a-webhook", "whsec_old-secret-of-a-webhook"
SIGNING = Signing((SECRET, OLD_SECRET))
TIMED = Signing((SECRET,), time_header="X-Webhook-Timestamp")
NOW_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TASK = "0d4f3b0e-2f7b-4c53-a4a9-8f0a3f1f7c11"


def body_of(told: object) -> bytes:
    return json.dumps(told).encode()


COMPLETED = body_of({"id": "delivery-1", "event": "deploy.completed", "data": {"deployment": {"id": TASK}}})


def hex_of(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(body: bytes, secret: str = SECRET, **more: str) -> Mapping[str, str]:
    return CIMultiDict({"x-webhook-signature": f"sha256={hex_of(body, secret)}"} | more)


class Receiver:
    """Webhooks, with what they hinted at."""

    def __init__(self, signing: Signing = SIGNING) -> None:
        self.hints: list[frozenset[str]] = []
        self.now_at = NOW_AT
        self.webhooks = Webhooks(signing, hint=self.hints.append, now=lambda: self.now_at)

    async def take(self, headers: Mapping[str, str], body: bytes) -> int:
        return (await self.webhooks.take(headers, body)).status


async def test_signed_delivery_is_answered_and_hints_at_what_it_names() -> None:
    receiver = Receiver()
    assert await receiver.webhooks.take(signed(COMPLETED), COMPLETED) == Answer(204)
    assert receiver.hints == [{TASK, "delivery-1"}]


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET, SECRET.removeprefix("whsec_")])
async def test_either_secret_will_do_with_or_without_its_prefix(secret: str) -> None:
    receiver = Receiver()
    assert await receiver.take(signed(COMPLETED, secret), COMPLETED) == 204


@pytest.mark.parametrize("encoding", ["hex", "base64"])
@pytest.mark.parametrize("prefix", ["", "sha256=", "v1,"])
async def test_signature_of_the_simulator_is_taken_however_it_is_written(
    encoding: Literal["hex", "base64"], prefix: str
) -> None:
    receiver = Receiver(Signing((SECRET,), "X-Oec-Signature", encoding, prefix))
    given_signature = prefix + sign_as_the_simulator(
        SECRET, COMPLETED, SimulatedSigning("X-Oec-Signature", prefix, encoding)
    )
    assert await receiver.take(CIMultiDict({"X-OEC-SIGNATURE": given_signature}), COMPLETED) == 204


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "without the header"),
        ({"X-Webhook-Signature": ""}, "without the header"),
        ({"X-Webhook-Signature": hex_of(COMPLETED)}, "wrong"),
        ({"X-Webhook-Signature": "sha256="}, "wrong"),
        ({"X-Webhook-Signature": f"sha1={hex_of(COMPLETED)}"}, "wrong"),
        ({"X-Webhook-Signature": f"sha256={hex_of(COMPLETED, 'guessed')}"}, "wrong"),
        ({"X-Webhook-Signature": f"sha256={hex_of(COMPLETED + b' ')}"}, "wrong"),
        ({"X-Webhook-Signature": "sha256=\udcff\udcfe\u2603"}, "wrong"),
        ({"X-Slack-Signature": f"sha256={hex_of(COMPLETED)}"}, "without the header"),
        (
            {"X-Webhook-Signature": f"sha256={base64.b64encode(bytes.fromhex(hex_of(COMPLETED))).decode()}"},
            "wrong",
        ),
    ],
)
async def test_delivery_that_is_not_signed_with_a_secret_of_ours_is_refused(
    headers: dict[str, str], why: str
) -> None:
    receiver = Receiver()
    refused = await receiver.webhooks.take(CIMultiDict(headers), COMPLETED)
    assert isinstance(refused, Refused)
    assert (refused.status, receiver.hints) == (401, [])
    assert why in refused.why


def test_refusal_names_the_headers_that_look_like_the_platforms_signature() -> None:
    headers = CIMultiDict(
        {"X-Oec-Signature-256": "x", "Host": "x", "X-Sign\x1b[31m": "x", "X-Oec-Timestamp": "x"}
    )
    refused = find_fault(SIGNING, headers, COMPLETED, now=NOW_AT)
    assert refused is not None
    assert refused.note == "it has X-Oec-Signature-256, X-Oec-Timestamp"


@given(st.binary(max_size=200), st.data())
def test_any_bit_flipped_in_body_or_signature_is_refused(body: bytes, data: st.DataObject) -> None:
    signature = f"sha256={hex_of(body)}"
    assert is_signed(SIGNING, signature, body)
    whole = body + signature.encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    flipped = whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :]
    told = flipped[len(body) :].decode("utf-8", "surrogateescape")
    assert not is_signed(SIGNING, told, flipped[: len(body)])


@given(st.text(max_size=100), st.binary(max_size=50))
@example("sha256=" + "0" * 64, b"")
@example("\ud800", b"\xff")
def test_no_guess_is_a_signature(guess: str, body: bytes) -> None:
    assert not is_signed(SIGNING, guess, body)
    assert not is_signed(TIMED, guess, body, sent=guess)


def test_secrets_stay_out_of_the_repr() -> None:
    assert "secret-of" not in repr(SIGNING)


@pytest.mark.parametrize("away", [timedelta(0), timedelta(minutes=5), -timedelta(minutes=5)])
@pytest.mark.parametrize("is_time_signed", [True, False])
async def test_delivery_that_tells_a_time_of_now_is_taken(away: timedelta, *, is_time_signed: bool) -> None:
    sent = str(int((NOW_AT + away).timestamp()))
    content = f"{sent}.".encode() + COMPLETED if is_time_signed else COMPLETED
    headers = CIMultiDict({"X-Webhook-Signature": f"sha256={hex_of(content)}", "X-Webhook-Timestamp": sent})
    assert await Receiver(TIMED).take(headers, COMPLETED) == 204


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (None, "without a time"),
        ("", "without a time"),
        ("yesterday", "without a time"),
        ("9" * 40, "without a time"),
        ("2026-11-22T12:00:00", "without a time"),
        (str(int(NOW_AT.timestamp()) - 301), "older"),
        (str(int(NOW_AT.timestamp()) + 301), "older"),
    ],
)
async def test_delivery_of_another_time_is_refused_though_it_is_signed(sent: str | None, why: str) -> None:
    headers = signed(COMPLETED, **({} if sent is None else {"X-Webhook-Timestamp": sent}))
    refused = await Receiver(TIMED).webhooks.take(headers, COMPLETED)
    assert isinstance(refused, Refused)
    assert refused.status == 401
    assert why in refused.why


@pytest.mark.parametrize(
    "text", ["1795348800", "1795348800000", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00"]
)
def test_time_is_read_in_every_common_way(text: str) -> None:
    assert read_time(text) == NOW_AT


@given(st.text(max_size=40))
@example("0001-01-01T00:00:00+23:59")
@example("٣٣٣")
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = read_time(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"\xff\xfe", b"[" * 100_000 + b"]" * 100_000, b'{"id":' * 30_000, b"1" * 100_000],
    ids=["empty", "text", "no text", "deep list", "deep object", "long number"],
)
async def test_signed_body_that_is_no_json_is_refused(body: bytes) -> None:
    receiver = Receiver()
    assert await receiver.take(signed(body), body) == 400
    assert receiver.hints == []


@pytest.mark.parametrize("told", [{}, [], None, 7, "ping", {"event": "tomorrow.invented", "x": [{"y": {}}]}])
async def test_event_of_any_shape_is_taken(told: object) -> None:
    receiver = Receiver()
    body = body_of(told)
    assert await receiver.take(signed(body), body) == 204
    assert receiver.hints == [frozenset()]


async def test_delivery_that_comes_again_hints_once() -> None:
    receiver = Receiver()
    for _ in range(3):
        assert await receiver.take(signed(COMPLETED), COMPLETED) == 204
    assert len(receiver.hints) == 1
    receiver.now_at += REMEMBERED + timedelta(seconds=1)
    assert await receiver.take(signed(COMPLETED), COMPLETED) == 204
    assert len(receiver.hints) == 2


async def test_what_is_remembered_of_deliveries_stays_small() -> None:
    receiver = Receiver()
    for number in range(5_000):
        body = body_of({"number": number})
        assert await receiver.take(signed(body), body) == 204
    assert len(receiver.webhooks._seen) <= 4_096


def test_ids_are_found_wherever_they_stand() -> None:
    told = {
        "id": "one",
        "environmentId": "two",
        "data": [{"task_id": "three", "name": "four"}, {"deployment": {"ID": "five", "id": 6}}],
        "url_id": "https://evil.example/../x",
        "long_id": "x" * 65,
    }
    assert find_ids(told) == {"one", "two", "three", "five"}


def test_ids_beyond_the_most_are_left_out() -> None:
    assert len(find_ids([{"id": f"id{number}"} for number in range(10_000)])) == MOST_IDS
    assert len(find_ids({f"{number}_id": f"id{number}" for number in range(10_000)})) == MOST_IDS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8) | st.just("id"), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_payload_names_ids_or_nothing(told: object) -> None:
    allowed = set(string.ascii_letters + string.digits + "_-")
    assert all(set(one) <= allowed and 0 < len(one) <= 64 for one in find_ids(told))
