"""Choosing and loading the context of a turn in a large story."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.measure import Topic, after_start, console, percentile
from benchmarks.peers.ours import open_saga
from benchmarks.peers.task import PROMPT
from benchmarks.story import Author
from saga_agent import Saga
from saga_agent.context.builder import ContextBuilder
from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.journal import Message, Passage, Run
from saga_agent.formats.passages import split_passages
from saga_agent.ids import new_id

_WORDS_A_DOCUMENT = 5_000


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    entities, words, turns = (1_000, 100_000, 40) if quick else (10_000, 1_000_000, 300)
    topic = Topic(
        "The context of a turn",
        f"{entities:,} entities, {words:,} made-up words in documents of {_WORDS_A_DOCUMENT:,}, SQLite, lexical "
        f"retrieval; {turns} questions of 25 words, two of them names, in a thread of ten turns. A question's context "
        "is chosen (`build`) and loaded (`load`) by a builder of its own.",
    )
    async with open_saga(f"sqlite+aiosqlite:///{folder}/context.db", f"openai:tokens=300@{url}") as saga:
        console.print(" writing the story")
        project = await saga.story.projects.create(name="The Old Light")
        names = await _write_story(saga, project.id, entities=entities, words=words)
        thread = await saga.threads.create(project_id=project.id)
        author = Author(seed=11)
        questions = [
            f"{author.text(23)} {names[(37 * n) % entities]} {names[(53 * n) % entities]}?" for n in range(turns)
        ]
        for question in questions[:10]:
            await (await saga.send(thread.id, question)).result()
        (run,) = await saga.runs(thread_id=thread.id, limit=1)
        with after_start():
            build, load, cpu = await _time(saga, run, questions)
    both = [one + other for one, other in zip(build, load, strict=True)]
    topic.at_most("choose and load, p50", 1000 * percentile(both, 0.5), 5, unit="ms")
    topic.at_most("choose and load, p99", 1000 * percentile(both, 0.99), 20, unit="ms")
    for what, seconds in (("choose", build), ("load", load)):
        p50, p99 = 1000 * percentile(seconds, 0.5), 1000 * percentile(seconds, 0.99)
        topic.told(f"{what} alone, p50, p99", f"{p50:.1f}, {p99:.1f} ms")
    topic.told("CPU of both, mean", f"{1000 * cpu / turns:.1f} ms")
    return topic


async def _time(saga: Saga, run: Run, questions: list[str]) -> tuple[list[float], list[float], float]:
    """Wall seconds of building and of loading, by question, and the CPU seconds of all."""
    journal = saga.storage.journal
    build: list[float] = []
    load: list[float] = []
    user = await journal.threads.message(run.user_message_id)
    started = time.process_time()
    for question in questions:
        builder = _Asked(saga, question, user.id)
        at = time.perf_counter()
        manifest = await builder.build(run)
        chosen = time.perf_counter()
        prompt = await builder.load(manifest, PROMPT)
        load.append(time.perf_counter() - chosen)
        build.append(chosen - at)
        assert len(prompt) > 10, "the history is part of the context"
        assert manifest.passages, "the search finds passages"
    return build, load, time.process_time() - started


class _Asked(ContextBuilder):
    """A builder that takes the text of one message as another, so that each round asks something new."""

    def __init__(self, saga: Saga, question: str, message_id: str) -> None:
        super().__init__(saga.story, saga.storage.journal.threads)
        self._question, self._message_id = question, message_id

    async def _message(self, message_id: str) -> Message:
        message = await super()._message(message_id)
        if message_id == self._message_id:
            return message.model_copy(update={"parts": ({"type": "text", "text": self._question},)})
        return message


async def _write_story(saga: Saga, project_id: str, *, entities: int, words: int) -> list[str]:
    """Entities, documents and their search index, written past the services: mentions are not part of this."""
    author = Author(seed=5)
    names = author.names(entities)
    ports, passages = saga.storage.story, saga.storage.journal.passages
    for name in names:
        await ports.entities.create(Entity(id=new_id("ent"), project_id=project_id, type="character", name=name))
    for number in range(1, words // _WORDS_A_DOCUMENT + 1):
        cast = names[(number * 50) % entities : (number * 50) % entities + 50]
        text = author.text(_WORDS_A_DOCUMENT) + " " + ". ".join(cast)
        document = await ports.documents.create(
            Document(id=new_id("doc"), project_id=project_id, title=f"Chapter {number}", number=number, text=text)
        )
        spans = split_passages(text)
        await passages.replace(
            project_id,
            document.id,
            [
                Passage(
                    document_id=document.id,
                    document_rev=document.rev,
                    start=span.start,
                    end=span.end,
                    title=document.label,
                    text=text[span.start : span.end],
                )
                for span in spans
            ],
        )
    return names
