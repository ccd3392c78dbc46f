"""What the journal promises of large bytes."""

from __future__ import annotations

import hashlib

from saga_agent.domain.blob import StoredBlob
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.samples import ELSEWHERE, HOME

_EVERY_BYTE = bytes(range(256)) * 8192
_HASH = hashlib.sha256(_EVERY_BYTE).hexdigest()


async def gives_back_every_byte(storage: Storage) -> None:
    """Two megabytes of every byte value come back as they were, with their media type."""
    await storage.journal.blobs.put(HOME, _HASH, "image/png", _EVERY_BYTE)

    found = await storage.journal.blobs.get(HOME, _HASH)

    expect_same(found.media_type, "image/png", "The media type")
    expect_same(found.data == _EVERY_BYTE, True, "Whether the bytes are the same")


async def keeps_what_is_there(storage: Storage) -> None:
    """The same bytes again are success, and the first media type stays; empty bytes are bytes too."""
    empty = hashlib.sha256(b"").hexdigest()
    await storage.journal.blobs.put(HOME, empty, "text/plain", b"")

    await storage.journal.blobs.put(HOME, empty, "image/png", b"")

    expect_same(await storage.journal.blobs.get(HOME, empty), StoredBlob("text/plain", b""), "The stored bytes")


async def refuses_a_wrong_hash(storage: Storage) -> None:
    """`put` under a hash that is not the bytes' raises `InvalidInput` and stores nothing."""
    await expect_raises(
        InvalidInput, storage.journal.blobs.put(HOME, _HASH, "image/png", b"other"), "put under a wrong hash"
    )
    await expect_raises(NotFound, storage.journal.blobs.get(HOME, _HASH), "get of what was refused")


async def keeps_projects_apart(storage: Storage) -> None:
    """Bytes belong to their project: another cannot read them, and deletes only its own."""
    blobs = storage.journal.blobs
    await blobs.put(HOME, _HASH, "image/png", _EVERY_BYTE)
    await expect_raises(NotFound, blobs.get(ELSEWHERE, _HASH), "get of another project's bytes")

    await blobs.put(ELSEWHERE, _HASH, "image/png", _EVERY_BYTE)
    for _ in ("first", "repeated"):
        await blobs.delete(HOME, _HASH)

    await expect_raises(NotFound, blobs.get(HOME, _HASH), "get of deleted bytes")
    expect_same((await blobs.get(ELSEWHERE, _HASH)).media_type, "image/png", "The other project's media type")
    for _ in ("first", "repeated"):
        await blobs.purge(ELSEWHERE)
    await expect_raises(NotFound, blobs.get(ELSEWHERE, _HASH), "get after a purge")


async def takes_the_same_bytes_at_once(storage: Storage) -> None:
    """The same bytes put by several at the same time are stored once, and nobody is refused."""
    _, refused = await race(storage.journal.blobs.put(HOME, _HASH, "image/png", _EVERY_BYTE) for _ in range(8))

    expect_same(refused, [], "The refusals")
    expect_same(len((await storage.journal.blobs.get(HOME, _HASH)).data), len(_EVERY_BYTE), "The number of bytes")
