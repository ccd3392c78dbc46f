"""Captures: notes and images, whose bytes are kept once and bounded before anybody decodes them."""

import hashlib
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.errors import AlreadyExists, InvalidInput, NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.story.service import StoryService


def png(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.fixture(params=["memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    inner = MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}")
    async with inner as storage:
        yield storage


@pytest.fixture
def story(storage: Storage) -> StoryService:
    return StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    return (await story.projects.create(name="Crossing")).id


async def test_an_image_is_kept_with_its_hash_licence_and_attribution(story: StoryService, project_id: str) -> None:
    data = png(640, 480)

    capture = await story.captures.add(
        project_id, image=data, title="A red tower", licence="CC-BY-4.0", attribution="A. Painter", tags=["tower"]
    )

    assert (capture.kind, capture.media_type) == ("image", "image/png")
    assert capture.sha256 == hashlib.sha256(data).hexdigest()
    assert (capture.licence, capture.attribution, capture.tags) == ("CC-BY-4.0", "A. Painter", ("tower",))
    assert (await story.captures.image(project_id, capture.id)).data == data


async def test_a_note_is_a_capture_without_bytes(story: StoryService, project_id: str) -> None:
    note = await story.captures.add(project_id, title="Overheard", text="You were always good at letters.")

    assert (note.kind, note.sha256) == ("note", None)
    with pytest.raises(InvalidInput, match="holds no image"):
        await story.captures.image(project_id, note.id)


async def test_the_same_image_again_is_one_capture(story: StoryService, project_id: str) -> None:
    first = await story.captures.add(project_id, image=png(1, 1), title="Tower")

    assert await story.captures.add(project_id, image=png(1, 1), title="Tower") == first
    with pytest.raises(AlreadyExists):
        await story.captures.add(project_id, image=png(1, 1), title="Another name")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not an image", "no PNG, JPEG, GIF or WebP"),
        (png(10_000, 10_000), "10000 x 10000 pixels"),
        (png(1, 1) + bytes(20_000_001), "20,000,0"),
    ],
)
async def test_bytes_that_are_no_image_or_too_large_are_refused_and_not_kept(
    story: StoryService, storage: Storage, project_id: str, data: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await story.captures.add(project_id, image=data)

    assert (await story.captures.list(project_id)).items == ()
    with pytest.raises(NotFound):
        await storage.journal.blobs.get(project_id, hashlib.sha256(data).hexdigest())


async def test_bytes_go_with_the_capture_and_with_the_project(
    story: StoryService, storage: Storage, project_id: str
) -> None:
    one = await story.captures.add(project_id, image=png(1, 1))
    other = await story.captures.add(project_id, image=png(2, 2))

    await story.captures.delete(project_id, one.id)
    with pytest.raises(NotFound):
        await storage.journal.blobs.get(project_id, str(one.sha256))
    assert (await story.captures.image(project_id, other.id)).media_type == "image/png"
    await story.projects.delete(project_id)

    with pytest.raises(NotFound):
        await storage.journal.blobs.get(project_id, str(other.sha256))


async def test_another_owner_reads_no_image(storage: Storage, story: StoryService, project_id: str) -> None:
    capture = await story.captures.add(project_id, image=png(1, 1))

    with pytest.raises(NotFound):
        await StoryService(storage, "other").captures.image(project_id, capture.id)
