"""What the saver promises beyond the conformance suite."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT
from langgraph.graph import START, StateGraph

from saga_agent.checkpoint.pages import PAGE_SIZE, newest_first
from saga_agent.checkpoint.rows import to_tuple
from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.errors import InvalidInput
from saga_agent.storage.ports.journal import Checkpoints

ROOT: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}


def checkpoint(versions: dict[str, str] | None = None, **values: object) -> Checkpoint:
    return Checkpoint(
        v=4,
        id=str(uuid6()),
        ts="2026-01-01T00:00:00+00:00",
        channel_values=values,
        channel_versions=dict(versions or {}),
        versions_seen={},
        updated_channels=None,
    )


async def chain(saver: StorageCheckpointer, length: int, config: RunnableConfig = ROOT) -> list[str]:
    """Puts that many checkpoints, each the parent of the next; gives their ids."""
    ids: list[str] = []
    for step in range(length):
        config = await saver.aput(config, checkpoint(), {"source": "loop", "step": step, "parents": {}}, {})
        ids.append(config["configurable"]["checkpoint_id"])
    return ids


async def listed(saver: StorageCheckpointer, config: RunnableConfig | None = ROOT, **options: object) -> list[str]:
    return [found.checkpoint["id"] async for found in saver.alist(config, **options)]


async def test_only_changed_channels_are_stored_and_the_rest_is_found_under_its_old_version(
    saver: StorageCheckpointer, checkpoints: Checkpoints
) -> None:
    first = checkpoint({"plan": "1", "draft": "1"}, plan="kept", draft="old")
    config = await saver.aput(ROOT, first, {"step": 0}, {"plan": "1", "draft": "1"})
    second = checkpoint({"plan": "1", "draft": "2"}, plan="not stored again", draft="new")
    config = await saver.aput(config, second, {"step": 1}, {"draft": "2"})

    found = await saver.aget_tuple(config)

    assert found is not None
    assert found.checkpoint["channel_values"] == {"plan": "kept", "draft": "new"}
    stored = await checkpoints.get("t", "")
    assert stored is not None
    assert b"new" not in stored.row.checkpoint.data


async def test_a_channel_that_was_emptied_has_no_value(saver: StorageCheckpointer) -> None:
    config = await saver.aput(ROOT, checkpoint({"task": "1"}, task="x"), {"step": 0}, {"task": "1"})
    config = await saver.aput(config, checkpoint({"task": "2"}), {"step": 1}, {"task": "2"})

    found = await saver.aget_tuple(config)

    assert found is not None
    assert found.checkpoint["channel_values"] == {}


async def test_writes_may_come_before_their_checkpoint(saver: StorageCheckpointer) -> None:
    """Under durability "async" LangGraph stores a step's writes while its checkpoint is still on the way."""
    late = checkpoint()
    ahead: RunnableConfig = {"configurable": {**ROOT["configurable"], "checkpoint_id": late["id"]}}

    await saver.aput_writes(ahead, [("draft", "early")], "task")
    await saver.aput(ROOT, late, {"step": 0}, {})

    found = await saver.aget_tuple(ROOT)
    assert found is not None
    assert found.pending_writes == [("task", "draft", "early")]


async def test_a_task_that_runs_again_keeps_its_first_writes_but_renews_its_interrupt(
    saver: StorageCheckpointer,
) -> None:
    config = await saver.aput(ROOT, checkpoint(), {"step": 0}, {})

    for attempt in ("first", "second"):
        await saver.aput_writes(config, [("draft", attempt), (INTERRUPT, attempt)], "task")

    found = await saver.aget_tuple(config)
    assert found is not None
    assert sorted(found.pending_writes or ()) == [("task", INTERRUPT, "second"), ("task", "draft", "first")]


async def test_the_last_of_several_errors_in_one_call_stays(saver: StorageCheckpointer) -> None:
    config = await saver.aput(ROOT, checkpoint(), {"step": 0}, {})

    await saver.aput_writes(config, [(ERROR, "first"), (ERROR, "last")], "task")

    found = await saver.aget_tuple(config)
    assert found is not None
    assert found.pending_writes == [("task", ERROR, "last")]


async def test_pending_writes_come_in_the_order_the_run_applied_them(saver: StorageCheckpointer) -> None:
    """By task path first: task ids are hashes, and a collation may put "~" elsewhere than Python does."""
    config = await saver.aput(ROOT, checkpoint(), {"step": 0}, {})
    paths = ["~__pregel_push, 0000000001", "~__pregel_pull, B", "~__pregel_pull, a", "", "Z"]
    for task_id, path in zip("abcde", paths, strict=True):
        await saver.aput_writes(config, [("draft", path)], task_id, path)

    found = await saver.aget_tuple(config)

    assert found is not None
    assert [value for _, _, value in found.pending_writes or ()] == sorted(paths)


async def test_the_order_of_writes_does_not_hang_on_the_database(
    saver: StorageCheckpointer, checkpoints: Checkpoints
) -> None:
    config = await saver.aput(ROOT, checkpoint(), {"step": 0}, {})
    for task_id in "abc":
        await saver.aput_writes(config, [("draft", task_id)], task_id)
    stored = await checkpoints.get("t", "")
    assert stored is not None

    found = to_tuple(saver.serde, replace(stored, writes=stored.writes[::-1]))

    assert [value for _, _, value in found.pending_writes or ()] == ["a", "b", "c"]


@pytest.mark.parametrize("length", [PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE])
async def test_a_thread_of_any_length_is_listed_whole_and_newest_first(saver: StorageCheckpointer, length: int) -> None:
    ids = await chain(saver, length)

    assert await listed(saver) == ids[::-1]


async def test_all_threads_are_listed_once_each_though_copies_share_their_ids(saver: StorageCheckpointer) -> None:
    """A page ends in the middle of checkpoints with one id, so paging by id alone would lose some."""
    ids = await chain(saver, PAGE_SIZE)
    for copy in ("copy 1", "copy 2"):
        await saver.acopy_thread("t", copy)

    found = [(each.config["configurable"]["thread_id"], each.checkpoint["id"]) async for each in saver.alist(None)]

    assert sorted(found) == sorted((thread, each) for thread in ("t", "copy 1", "copy 2") for each in ids)
    assert [each for _, each in found] == sorted(ids * 3, reverse=True)


async def test_more_copies_than_a_page_holds_are_all_listed(saver: StorageCheckpointer) -> None:
    [shared] = await chain(saver, 1)
    for copy in range(PAGE_SIZE + 1):
        await saver.acopy_thread("t", str(copy))

    assert await listed(saver, None) == [shared] * (PAGE_SIZE + 2)


async def test_no_more_is_read_than_the_limit_asks_for(saver: StorageCheckpointer, checkpoints: Checkpoints) -> None:
    ids = await chain(saver, 2 * PAGE_SIZE + 5)

    for limit in (1, PAGE_SIZE, 2 * PAGE_SIZE + 1):
        found = [stored.row.id async for stored in newest_first(checkpoints, "t", limit=limit)]
        assert found == ids[::-1][:limit]


async def test_a_limit_beyond_one_page_counts_all_pages(saver: StorageCheckpointer) -> None:
    ids = await chain(saver, 2 * PAGE_SIZE + 5)

    assert await listed(saver, limit=2 * PAGE_SIZE + 1) == ids[::-1][: 2 * PAGE_SIZE + 1]
    assert await listed(saver, limit=0) == await listed(saver, limit=-1) == []


async def test_a_limit_counts_matches_not_what_was_looked_at(saver: StorageCheckpointer) -> None:
    ids = await chain(saver, 2 * PAGE_SIZE)

    assert await listed(saver, filter={"step": 1}, limit=3) == [ids[1]]
    assert await listed(saver, filter={"source": "loop"}, limit=3) == ids[:-4:-1]


async def test_a_config_with_an_id_lists_that_checkpoint_alone(saver: StorageCheckpointer) -> None:
    ids = await chain(saver, 3)
    middle: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_id": ids[1]}}
    newest: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_id": ids[2]}}

    assert await listed(saver, middle) == [ids[1]]
    assert await listed(saver, middle, before=newest) == [ids[1]]
    assert await listed(saver, newest, before=middle) == []


async def test_a_config_without_a_namespace_lists_those_of_subgraphs_too(saver: StorageCheckpointer) -> None:
    root = await chain(saver, 1)
    nested = await chain(saver, 1, {"configurable": {"thread_id": "t", "checkpoint_ns": "child:1"}})

    assert await listed(saver, {"configurable": {"thread_id": "t"}}) == [*nested, *root]
    assert await listed(saver) == root


async def test_metadata_takes_up_plain_values_of_the_config(saver: StorageCheckpointer) -> None:
    config: RunnableConfig = {
        "configurable": {**ROOT["configurable"], "tenant": "north", "handle": object()},
        "metadata": {"agent": "draft"},
    }

    await saver.aput(config, checkpoint(), {"source": "input", "step": -1}, {})

    [found] = [each async for each in saver.alist(None, filter={"tenant": "north"})]
    assert found.metadata == {"source": "input", "step": -1, "agent": "draft", "tenant": "north"}


@pytest.mark.parametrize("value", [object(), float("nan")], ids=["object", "nan"])
async def test_metadata_that_is_no_json_is_refused_and_nothing_is_stored(
    saver: StorageCheckpointer, value: object
) -> None:
    with pytest.raises(InvalidInput, match="metadata must be JSON"):
        await saver.aput(ROOT, checkpoint(), {"step": 0, "parents": {"x": value}}, {})  # pyright: ignore

    assert await listed(saver) == []


async def test_a_config_without_a_thread_is_refused_with_what_to_pass(saver: StorageCheckpointer) -> None:
    with pytest.raises(InvalidInput, match="thread_id"):
        await saver.aget_tuple({"configurable": {}})


async def test_writes_without_a_checkpoint_are_refused(saver: StorageCheckpointer) -> None:
    with pytest.raises(InvalidInput, match="checkpoint_id"):
        await saver.aput_writes(ROOT, [("draft", "x")], "task")


async def test_an_unknown_pruning_strategy_is_refused(saver: StorageCheckpointer) -> None:
    await chain(saver, 2)

    with pytest.raises(InvalidInput, match="keep_latest"):
        await saver.aprune(["t"], strategy="keep_some")

    assert len(await listed(saver)) == 2


def test_versions_grow_in_text_order_and_differ_between_branches(saver: StorageCheckpointer) -> None:
    """Two forks of one checkpoint must not share a version, or one would overwrite the other's values."""
    versions: list[str] = []
    for _ in range(1200):
        versions.append(saver.get_next_version(versions[-1] if versions else None, None))

    assert versions == sorted(set(versions))

    random.seed(1)
    left = saver.get_next_version(versions[-1], None)
    random.seed(1)
    assert left != saver.get_next_version(versions[-1], None)


def test_versions_go_on_from_those_of_langgraphs_own_savers(saver: StorageCheckpointer) -> None:
    assert saver.get_next_version(f"{41:032}.0123", None).startswith("0000000042.")
    assert saver.get_next_version(f"{41:032}.0123", None) > f"{41:032}.0123"


BLOCKING: list[Callable[[StorageCheckpointer], object]] = [
    lambda saver: saver.get(ROOT),
    lambda saver: saver.get_tuple(ROOT),
    lambda saver: saver.list(None),
    lambda saver: saver.put(ROOT, checkpoint(), {}, {}),
    lambda saver: saver.put_writes(ROOT, [], "task"),
    lambda saver: saver.delete_thread("t"),
    lambda saver: saver.delete_for_runs(["r"]),
    lambda saver: saver.copy_thread("t", "u"),
    lambda saver: saver.prune(["t"]),
    lambda saver: saver.get_delta_channel_history(config=ROOT, channels=["c"]),
]


@pytest.mark.parametrize("call", BLOCKING)
def test_blocking_verbs_say_what_to_use_instead(
    saver: StorageCheckpointer, call: Callable[[StorageCheckpointer], object]
) -> None:
    with pytest.raises(NotImplementedError, match=r"await graph\.ainvoke"):
        call(saver)


async def test_a_blocking_graph_call_says_what_to_use_instead(saver: StorageCheckpointer) -> None:
    graph = StateGraph(dict).add_node("node", lambda state: state).add_edge(START, "node").compile(checkpointer=saver)

    with pytest.raises(NotImplementedError, match=r"await graph\.ainvoke"):
        await asyncio.to_thread(graph.invoke, {"a": 1}, ROOT)
