"""Keeping names in step with a large story: saves, new entities, imports, looks, and how the loop stalls meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert

from benchmarks.linking_speed import NOVELS
from benchmarks.measure import Topic, after_start, console, percentile
from benchmarks.story import Author
from saga_agent.domain.entity import Entity
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.tables.definitions import ENTITIES, ENTITY_WORDS
from saga_agent.story.service import StoryService

_WORDS_A_CHAPTER: Final = 5_000
_NAMED_IN: Final = 3
"""In how many chapters a new entity is named."""


@dataclass(slots=True)
class _Stalls:
    """How late a task that wants to run every 5 ms does run, here and in an idle process on the same machine."""

    late: list[float] = field(default_factory=list[float])
    beside: list[float] = field(default_factory=list[float])

    def milliseconds(self, share: float) -> float:
        """The lateness that this share of the ticks does not exceed."""
        return 1000 * percentile(self.late, share)

    def told(self) -> str:
        """In a few words."""
        idle = 1000 * percentile(self.beside, 0.999)
        p50, p99 = self.milliseconds(0.5), self.milliseconds(0.99)
        return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms; in an idle process beside it p99.9 {idle:.1f} ms"


_IDLE: Final = """
import sys, time
while True:
    due = time.perf_counter() + 0.005
    time.sleep(0.005)
    print(time.perf_counter() - due, flush=True)
"""


@asynccontextmanager
async def _ticking() -> AsyncGenerator[_Stalls]:
    stalls = _Stalls()

    async def tick() -> None:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            stalls.late.append(time.perf_counter() - due)

    with tempfile.TemporaryFile() as told:
        idle = await asyncio.create_subprocess_exec(sys.executable, "-c", _IDLE, stdout=told)
        ticking = asyncio.create_task(tick())
        try:
            yield stalls
        finally:
            ticking.cancel()
            idle.kill()
            await idle.wait()
        told.seek(0)
        stalls.beside += [float(line) for line in told.read().splitlines()[:-1]]


@dataclass(slots=True)
class _Sizes:
    entities: int
    words: int

    def __str__(self) -> str:
        return f"{self.entities:,} entities, {self.words // 1000:,} k words"


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    sizes = [_Sizes(1_000, 50_000)] if quick else [_Sizes(10_000, 1_000_000), _Sizes(100_000, 10_000_000)]
    topic = Topic(
        "Names kept in step",
        "Made-up stories on SQLite, their mentions and search index whole before the clock starts; chapters of "
        f"{_WORDS_A_CHAPTER:,} words. A chapter is saved with a new text that names 50 entities; a new entity is named "
        f"in {_NAMED_IN} chapters. Wall times are medians, with CPU time of the process behind them. The stall is how "
        "late a ticker of 5 ms is, at its worst of a thousand, while all of this goes on.",
    )
    for number, size in enumerate(sizes):
        async with SqlStorage(f"sqlite:///{folder}/names{number}.db") as storage:
            await _Story(StoryService(storage, "local"), storage, size, topic).measure()
    await _measure_imports(folder, topic, quick=quick)
    return topic


@dataclass(slots=True)
class _Story:
    story: StoryService
    storage: SqlStorage
    size: _Sizes
    topic: Topic
    project_id: str = ""
    author: Author = field(default_factory=lambda: Author(5))
    names: Sequence[str] = ()

    async def measure(self) -> None:
        console.print(f" writing {self.size}")
        self.project_id = (await self.story.projects.create(name="The Old Light")).id
        self.names = self.author.names(self.size.entities)
        await self._write_bible()
        chapters = self.size.words // _WORDS_A_CHAPTER
        for number in range(chapters):
            text = f"{self.author.text(_WORDS_A_CHAPTER)} Zyvva{number // _NAMED_IN} came."
            await self.story.documents.create(
                self.project_id, id=f"doc_{number:05}", number=number + 1, title=f"Chapter {number + 1}", text=text
            )
            if number % 100 == 99:
                console.print(f"  chapter {number + 1} of {chapters}", style="dim")
        texts = [self._chapter(number) for number in range(30)]
        cold = StoryService(self.storage, "local")
        with after_start():
            async with _ticking() as stalls:
                first, _ = await _timed(cold.mentions.find(self.project_id, "Nobody spoke."))
        self.topic.told(f"first look of a process, {self.size}", f"{first:.2f} s; the loop's stalls {stalls.told()}")
        with after_start():
            async with _ticking() as stalls:
                await self._measure_writes(texts, chapters)
                await self._measure_looks()
        what = f"stall of the loop, p99.9, {self.size}"
        self.topic.at_most(what, stalls.milliseconds(0.999), 20, unit="ms", detail=f" ({stalls.told()})")

    def _chapter(self, number: int) -> str:
        cast = random.Random(3).sample(range(len(self.names)), 50)
        named = ". ".join(self.names[each] for each in cast)
        return f"{self.author.text(_WORDS_A_CHAPTER - 100)} {number} {named}."

    async def _write_bible(self) -> None:
        """Past the services: how long this takes is not the question."""
        shape, made = Shape(Entity, ENTITIES), list[Entity]()
        for number, name in enumerate(self.names):
            made.append(Entity(id=f"ent_{number:06}", project_id=self.project_id, type="character", name=name))
        rows = [shape.row(entity) for entity in made]
        words = [
            {"project_id": self.project_id, "entity_id": entity.id, "word": word}
            for entity in made
            for word in entity.name_words()
        ]

        def job(conn: Connection) -> None:
            conn.execute(insert(ENTITIES), rows)
            conn.execute(insert(ENTITY_WORDS), words)

        await self.storage.database.write(job)
        await self.story.entities.create(self.project_id, type="character", name="Somebody")

    async def _measure_writes(self, texts: Sequence[str], chapters: int) -> None:
        many = self.size.entities > 10_000

        async def save(number: int) -> None:
            document_id = f"doc_{number * 7 % chapters:05}"
            saving = self.story.documents.update(self.project_id, document_id, text=texts[number])
            times.append(await _timed(saving))

        async def create(number: int) -> None:
            creating = self.story.entities.create(self.project_id, type="character", name=f"Zyvva{number}")
            times.append(await _timed(creating))

        times: list[tuple[float, float]] = []
        for number in range(len(texts)):
            await save(number)
        self._at_most("saving a chapter", times, 150 if many else 50)
        times = []
        for number in range(min(30, chapters // _NAMED_IN)):
            await create(number)
        self._at_most("creating an entity", times, 60 if many else 30)

    async def _measure_looks(self) -> None:
        times: list[tuple[float, float]] = []
        for number in range(50):
            name = self.names[number * 37 % len(self.names)]
            times.append(await _timed(self.story.entities.resolve(self.project_id, name)))
        self._at_most("resolving a name", times, 5)

    def _at_most(self, what: str, times: Sequence[tuple[float, float]], limit: float) -> None:
        wall, cpu = (1000 * percentile([each[side] for each in times], 0.5) for side in (0, 1))
        self.topic.at_most(f"{what}, {self.size}", wall, limit, unit="ms", detail=f" (CPU {cpu:.1f} ms)")


async def _timed(work: Awaitable[object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    started, cpu = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - started, time.process_time() - cpu


async def _measure_imports(folder: Path, topic: Topic, *, quick: bool) -> None:
    """A lorebook on a novel, and the novel once more; a made-up one where there is no other."""
    path = next(iter(sorted(NOVELS.glob("*moby*.txt"))), None)
    book = path.read_text(encoding="utf-8") if path is not None and not quick else _made_up_book(20 if quick else 135)
    what = "Moby Dick" if path is not None and not quick else "a made-up novel"
    novel = folder / "novel.txt"
    novel.write_text(book, encoding="utf-8")
    entries = 50 if quick else 300
    lorebook = folder / "lorebook.json"
    lorebook.write_text(json.dumps(_lorebook(book, entries)), encoding="utf-8")
    async with SqlStorage(f"sqlite:///{folder}/import.db") as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Import")).id
        first = await _timed(story.imports.run(project_id, novel, allow_loss=True, accept_asides=True))
        wall, cpu = await _timed(story.bibles.run(project_id, lorebook))
        unit, detail = "s", f" (CPU {cpu:.2f} s)"
        topic.at_most(f"a lorebook of {entries} entries on {what}", wall, 3, unit=unit, detail=detail)
        again = await _timed(story.imports.run(project_id, novel, allow_loss=True, accept_asides=True))
        topic.told(f"importing {what}, and once more unchanged", f"{first[0]:.2f} s, {again[0]:.2f} s")


def _made_up_book(chapters: int) -> str:
    author = Author(8)
    cast = author.names(300)
    texts = [f"{author.text(1_500)} {'. '.join(cast[number % 290 : number % 290 + 10])}." for number in range(chapters)]
    return "\n\n".join(f"CHAPTER {number}\n\n{text}" for number, text in enumerate(texts, start=1))


def _lorebook(book: str, count: int) -> dict[str, object]:
    """A lorebook of the book's most frequent capitalised words and pairs."""
    found = Counter(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?", book))
    names = [name for name, _ in found.most_common(count)]
    entries = {
        str(number): {"uid": number, "key": [name], "comment": name, "content": f"{name} is of the story."}
        for number, name in enumerate(names)
    }
    return {"entries": entries}
