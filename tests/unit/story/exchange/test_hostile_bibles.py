"""Whatever a file holds, an import stores it or refuses it in a sentence; nothing else is raised."""

import asyncio
import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput, SagaError
from saga_agent.formats.image_header import read_image_header
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService
from tests.unit.formats.books import epub, word, xhtml, zipped
from tests.unit.formats.test_card import png
from tests.unit.story.exchange.bibles import NOTES, write_files

MUTATIONS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12)


def mutated(data: bytes, edits: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(data)
    for place, value in edits:
        changed[place % len(changed)] = value
    return bytes(changed[: max(1, len(changed) - cut)])


async def _import(path: Path, *, bible: bool) -> None:
    async with MemoryStorage() as storage:
        story = StoryService(storage, "local")
        project = await story.projects.create(name="Crossing")
        with contextlib.suppress(SagaError):
            await (story.bibles if bible else story.imports).run(project.id, path)
            again = await story.bibles.run(project.id, path) if bible else None
            assert again is None or again.changes == 0
            out = path.parent / f"out{path.suffix}"
            if bible and path.suffix == ".json":
                await story.exports.run(project.id, out, format="lorebook", overwrite=True)


@MUTATIONS
@given(kind=st.sampled_from(["lorebook", "json", "png", "charx"]), edits=EDITS, cut=st.sampled_from([0, 0, 0, 1, 90]))
def test_a_mutated_file_is_imported_or_refused(
    tmp_path: Path, kind: str, edits: list[tuple[int, int]], cut: int
) -> None:
    path = write_files(tmp_path)[kind]
    path.write_bytes(mutated(path.read_bytes(), edits, cut))
    asyncio.run(_import(path, bible=True))


@MUTATIONS
@given(note=st.sampled_from(sorted(NOTES)), edits=EDITS, cut=st.sampled_from([0, 0, 1, 60]))
def test_a_vault_with_a_mutated_note_is_imported_or_refused(
    tmp_path: Path, note: str, edits: list[tuple[int, int]], cut: int
) -> None:
    vault = write_files(tmp_path)["vault"]
    (vault / note).write_bytes(mutated(NOTES[note].encode(), edits, cut))
    asyncio.run(_import(vault, bible=True))


@MUTATIONS
@given(
    data=st.sampled_from([word("Chapter 1", "One."), epub({"one.xhtml": xhtml("<h1>One</h1><p>Text.</p>")}), b"Text."]),
    edits=EDITS,
    cut=st.sampled_from([0, 0, 1, 200]),
)
def test_a_mutated_manuscript_is_imported_or_refused(
    tmp_path: Path, data: bytes, edits: list[tuple[int, int]], cut: int
) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(mutated(data, edits, cut))
    asyncio.run(_import(path, bible=False))


@given(data=st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: png()[:24] + tail))
def test_the_header_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        assert read_image_header(data).pixels > 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.charx", zipped({"card.json": b" " * 30_000_000 + b"{}"})),
        ("escape.charx", zipped({"../card.json": b"{}", "card.json": b"{}"})),
        ("deep.json", b'{"entries": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("huge.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtchara\0"),
    ],
)
async def test_hostile_files_are_refused_quickly_and_store_nothing(
    story: StoryService, project_id: str, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(InvalidInput) as refused:
        await story.bibles.run(project_id, tmp_path / name)

    assert len(str(refused.value).splitlines()) == 1
    assert [entity async for entity in story.entities.all(project_id)] == []


async def test_a_key_made_to_stall_expressions_stalls_nothing(
    story: StoryService, project_id: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    path.write_text(
        '{"entries": {"0": {"key": ["/(a+)+$/"], "comment": "'
        + "a" * 5000
        + '!", "content": "'
        + "is a " * 20_000
        + '"}}}'
    )
    began = time.process_time()

    await story.bibles.run(project_id, path)

    assert time.process_time() - began < 5
