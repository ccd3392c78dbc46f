"""Only listed types are rebuilt from a stored checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.serde.base import CipherProtocol, SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.types import Interrupt, Send
from pydantic import BaseModel

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.checkpoint.serializer import strict_serializer
from saga_agent.errors import InvalidInput
from saga_agent.storage.ports.journal import Checkpoints

CALL: ToolCall = {"name": "find", "args": {"q": "Kennels"}, "id": "c", "type": "tool_call"}
CONFIG: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}


class Manifest(BaseModel):
    revision: int


@dataclass
class Budget:
    tokens: int


class Mood(Enum):
    GRIM = "grim"


class Rot13(CipherProtocol):
    """A cipher that a test can see through."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "shift", bytes((byte + 13) % 256 for byte in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        return bytes((byte - 13) % 256 for byte in ciphertext)


async def stored_and_loaded(saver: StorageCheckpointer, value: object) -> Any:
    """The value after a way through the store, as a channel's value; it must be the same as a pending write."""
    version = saver.get_next_version(None, None)
    point = Checkpoint(
        v=4,
        id=str(uuid6()),
        ts="",
        channel_values={"c": value},
        channel_versions={"c": version},
        versions_seen={},
        updated_channels=None,
    )
    config = await saver.aput(CONFIG, point, {"step": 0}, {"c": version})
    await saver.aput_writes(config, [("c", value)], "task")
    found = await saver.aget_tuple(config)
    assert found is not None
    assert found.pending_writes == [("task", "c", found.checkpoint["channel_values"]["c"])]
    return found.checkpoint["channel_values"]["c"]


@pytest.mark.parametrize(
    "value",
    [
        [
            HumanMessage("Who is at the Kennels?", id="1"),
            AIMessage("", id="2", tool_calls=[CALL]),
            ToolMessage("Maren", tool_call_id="c", id="3"),
            SystemMessage("Be brief.", id="4"),
        ],
        Send("tool", {"id": "c"}),
        Interrupt({"request": "r"}, id="i"),
        {"plain": [1, 2.5, None, True, "ä", b"raw"]},
        {"a", "b"},
        None,
        b"",
        "",
    ],
    ids=lambda value: type(value).__name__,
)
async def test_messages_langgraphs_own_types_and_plain_values_come_back(
    saver: StorageCheckpointer, value: object
) -> None:
    assert await stored_and_loaded(saver, value) == value


async def test_a_bytearray_comes_back_as_one_and_the_store_gets_bytes(
    saver: StorageCheckpointer, checkpoints: Checkpoints
) -> None:
    """A store may keep the object it is given; a bytearray could change in its hands."""
    loaded = await stored_and_loaded(saver, bytearray(b"raw"))

    assert type(loaded) is bytearray
    assert loaded == b"raw"
    stored = await checkpoints.get("t", "")
    assert stored is not None
    assert type(stored.values["c"].data) is bytes


@pytest.mark.parametrize(
    ("value", "plain"),
    [(Manifest(revision=3), {"revision": 3}), (Budget(tokens=9), {"tokens": 9}), (Mood.GRIM, "grim")],
)
async def test_a_type_that_is_not_listed_comes_back_as_plain_data(
    saver: StorageCheckpointer, value: object, plain: object
) -> None:
    assert await stored_and_loaded(saver, value) == plain


@pytest.mark.parametrize("value", [Manifest(revision=3), Budget(tokens=9), Mood.GRIM])
async def test_a_listed_type_comes_back_as_itself(checkpoints: Checkpoints, value: object) -> None:
    saver = StorageCheckpointer(checkpoints, allow=[Manifest, Budget, Mood])

    assert await stored_and_loaded(saver, value) == value


async def test_a_listed_type_does_not_let_others_in(checkpoints: Checkpoints) -> None:
    saver = StorageCheckpointer(checkpoints, allow=[Budget])

    assert await stored_and_loaded(saver, Manifest(revision=3)) == {"revision": 3}


async def test_a_clone_with_a_longer_allowlist_leaves_the_saver_as_strict_as_it_was(saver: StorageCheckpointer) -> None:
    """LangGraph makes such a clone for each compiled graph when LANGGRAPH_STRICT_MSGPACK is set."""
    clone = saver.with_allowlist([(Manifest.__module__, Manifest.__name__)])
    assert isinstance(clone, StorageCheckpointer)

    assert await stored_and_loaded(clone, Manifest(revision=3)) == Manifest(revision=3)
    assert await stored_and_loaded(saver, Manifest(revision=3)) == {"revision": 3}


@pytest.mark.parametrize("allow", [(), (Manifest,)])
async def test_an_encrypting_serializer_hides_values_and_stays_strict(
    checkpoints: Checkpoints, allow: tuple[type, ...]
) -> None:
    serde: SerializerProtocol = EncryptedSerializer(Rot13(), strict_serializer(allow))
    saver = StorageCheckpointer(checkpoints, serde=serde)

    assert await stored_and_loaded(saver, "The heir is alive.") == "The heir is alive."
    stored = await checkpoints.get("t", "")
    assert stored is not None
    assert b"heir" not in stored.values["c"].data + stored.writes[0].value.data

    loaded = await stored_and_loaded(saver, Manifest(revision=3))
    assert loaded == (Manifest(revision=3) if allow else {"revision": 3})


def test_an_allowlist_beside_a_serializer_of_ones_own_is_refused(checkpoints: Checkpoints) -> None:
    """It would be ignored silently."""
    with pytest.raises(InvalidInput, match="strict_serializer"):
        StorageCheckpointer(checkpoints, allow=[Manifest], serde=strict_serializer())
