"""The kit itself: it finds faults, names them, and can be asked for parts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Callable

import pytest
from pydantic import BaseModel

from saga_agent.errors import InvalidInput
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import MemoryEntities
from saga_agent.testing.storage import all_checks, audit, grants, mentions, projects, samples, threads
from saga_agent.testing.storage.catalogue import PORTS
from saga_agent.testing.storage.expect import expect_same
from tests.conformance import broken
from tests.conformance.broken import with_noun, with_port
from tests.conformance.end_faults import END_FAULTS
from tests.conformance.history_faults import HISTORY_FAULTS
from tests.conformance.holding_faults import HOLDING_FAULTS
from tests.conformance.search_faults import SEARCH_FAULTS
from tests.conformance.table_faults import TABLE_FAULTS, CutsTheEnd
from tests.conformance.tree_faults import TREE_FAULTS

CHECKS = {check.name: check for check in all_checks()}

FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "update ignores the revision": (
        with_port("entities", broken.LastWriterWins),
        "entities.refuses_an_outdated_update",
    ),
    "update writes what it read before": (
        with_port("entities", broken.ReadsThenWrites),
        "entities.lets_one_of_racing_updates_win",
    ),
    "the cursor is an offset, so a delete skips a row": (
        with_port("entities", broken.PagesByOffset),
        "entities.reads_on_while_records_come_and_go",
    ),
    "the cursor is an offset, so an insert doubles a row": (
        with_port("entities", broken.PagesByOffset),
        "entities.finds_what_was_inserted_behind_the_cursor",
    ),
    "purge takes other projects along": (with_port("entities", broken.PurgesEverything), "entities.purges_one_project"),
    "a refused batch is stored in part": (
        with_port("entities", broken.StoresSomeOfABatch),
        "entities.stores_none_when_one_is_taken",
    ),
    "the store shares its callers' dicts": (
        with_port("entities", broken.SharesWhatItIsGiven),
        "entities.does_not_share_what_callers_may_change",
    ),
    "an unknown filter is passed over": (
        with_port("entities", broken.IgnoresUnknownFilters),
        "entities.refuses_an_unknown_filter",
    ),
    "an old name still finds its entity": (
        with_port("entities", broken.KeepsOldNames),
        "entities.follows_names_as_they_change",
    ),
    "revisions of all projects are told": (
        with_port("entities", broken.CountsOtherProjects),
        "entities.tells_the_revision_of_every_entity",
    ),
    "what is gone is not told": (
        with_port("entities", broken.TellsOfNothingGone),
        "entities.tells_what_changed_since_a_mark",
    ),
    "a mark outlives a purge": (
        with_port("entities", broken.KeepsMarksForEver),
        "entities.tells_the_whole_where_a_mark_is_of_no_use",
    ),
    "text is normalised": (with_port("entities", broken.NormalisesText), "entities.keeps_text_of_every_script"),
    "floats are rounded": (with_port("entities", broken.RoundsFloats), "entities.keeps_every_field"),
    "lists carry the text": (with_port("documents", broken.ListsTheText), "documents.lists_heads_without_text"),
    "characters are bytes": (
        with_port("documents", broken.CountsBytes),
        "documents.counts_the_characters_of_the_last_text",
    ),
    "update forgets the order": (
        with_port("documents", broken.LosesThePosition),
        "documents.moves_with_its_reading_order",
    ),
    "replace can be cut in two": (
        with_port("mentions", broken.ReplacesInTwoSteps),
        "mentions.replaces_whole_or_not_when_cancelled",
    ),
    "attempts are counted for ever": (
        with_noun("runs", broken.CountsNoAttempts),
        "journal.runs.counts_attempts_between_pauses",
    ),
    "owners are folded": (with_noun("owners", broken.FoldsOwners), "journal.owners.keeps_one_default_project_an_owner"),
    "a claim looks first": (with_noun("owners", broken.LooksThenClaims), "journal.owners.tells_racing_claims_the_same"),
    "append accepts gaps": (with_noun("streams", broken.AcceptsGaps), "journal.streams.refuses_a_gap"),
    "append hides a conflict": (
        with_noun("streams", broken.KeepsTheFirstContent),
        "journal.streams.refuses_other_content_at_a_taken_seq",
    ),
    "append lets a zombie write": (
        with_noun("streams", broken.ForgetsTheFence),
        "journal.streams.refuses_a_stale_writer",
    ),
    "trim takes a live log": (
        with_noun("streams", broken.TrimsLiveStreams),
        "journal.streams.trims_only_after_the_end",
    ),
    "answer stores half": (with_noun("requests", broken.AnswersOneByOne), "journal.requests.answers_all_or_none"),
    "a refused call is stored": (
        with_noun("calls", broken.StartsBeforeItConsumes),
        "journal.calls.does_nothing_without_an_answer",
    ),
    "tools start after a stop": (
        with_noun("calls", broken.StartsAfterTheEnd),
        "journal.calls.starts_nothing_after_the_end",
    ),
    "take ignores the lease": (with_noun("runs", broken.IgnoresLeases), "journal.runs.respects_a_lease"),
    "a queued run is anyone's": (
        with_noun("runs", broken.GivesQueuedRunsToAnyone),
        "journal.leases.names_the_holder_of_a_queued_run",
    ),
    "a queued run cannot be given back": (
        with_noun("runs", broken.KeepsQueuedRuns),
        "journal.leases.gives_a_queued_run_away_when_its_lease_is_over",
    ),
    "a renewal is for everybody": (
        with_noun("leases", broken.RenewsAllRuns),
        "journal.leases.renews_all_runs_of_one_runner",
    ),
    "a holder hears no wish to stop": (
        with_noun("leases", broken.HearsNoWish),
        "journal.leases.tells_what_a_runner_holds",
    ),
    "who let go is a holder still": (
        with_noun("leases", broken.NamesFormerHolders),
        "journal.leases.names_the_holders",
    ),
    "whatever waits is left": (
        with_noun("leases", broken.LeavesAllThatWaits),
        "journal.leases.finds_what_nobody_holds",
    ),
    "the dead keep their leases": (
        with_noun("leases", broken.BelievesInLeasesOfTheDead),
        "journal.leases.finds_what_the_dead_held",
    ),
    "time is no time of day": (with_noun("leases", broken.CountsFromTheStart), "journal.leases.tells_one_time_to_all"),
    "the stream ends before its message": (
        with_noun("runs", broken.FinishesInTwoSteps),
        "journal.runs.shows_readers_all_or_nothing",
    ),
    "a repeated end counts usage again": (
        with_noun("runs", broken.CountsUsageTwice),
        "journal.runs.takes_a_repeated_end_for_success",
    ),
    "a deleted thread leaves its rows": (
        with_noun("threads", broken.threads(broken.DeletesTheThreadAlone)),
        "journal.threads.deletes_all_that_hangs_on_a_thread",
    ),
    "unused values stay": (
        with_noun("checkpoints", broken.KeepsUnusedValues),
        "journal.checkpoints.forgets_values_nobody_uses",
    ),
    "a write overwrites": (
        with_noun("checkpoints", broken.OverwritesWrites),
        "journal.checkpoints.keeps_the_first_of_equal_writes",
    ),
    "a later limit is passed over": (
        with_noun("quota", lambda _: broken.HeedsTheFirstLimit()),
        "journal.quota.refuses_what_passes_a_limit",
    ),
    "a turn is settled twice": (
        with_noun("quota", lambda _: broken.SettlesEachTime()),
        "journal.quota.holds_the_amount_until_it_is_settled",
    ),
    "search crosses projects": (
        with_noun("passages", broken.SearchesAllProjects),
        "journal.passages.keeps_projects_apart",
    ),
    "search looks for substrings": (
        with_noun("passages", broken.SearchesBySubstring),
        "journal.passages.does_not_take_a_star_for_a_prefix",
    ),
    **TREE_FAULTS,
    **END_FAULTS,
    **HISTORY_FAULTS,
    **HOLDING_FAULTS,
    **SEARCH_FAULTS,
    **TABLE_FAULTS,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_broken_adapter_is_caught_by_the_check_that_names_its_fault(fault: str) -> None:
    build, name = FAULTS[fault]

    with pytest.raises(AssertionError, match=f"^{re.escape(name)}: "):
        await CHECKS[name].run(_opening(build))


async def test_a_failure_says_the_promise_and_what_was_there_instead() -> None:
    check = CHECKS["journal.streams.refuses_a_gap"]

    with pytest.raises(AssertionError) as failure:
        await check.run(_opening(with_noun("streams", broken.AcceptsGaps)))

    assert str(failure.value) == (
        "journal.streams.refuses_a_gap: Rows that would leave a hole raise `SeqGap` naming the expected seq, "
        "and are not stored. append at 2 to an empty log must raise SeqGap, but gave None."
    )


async def test_a_failure_shows_where_two_long_values_differ_first() -> None:
    with pytest.raises(AssertionError) as failure:
        await CHECKS["entities.keeps_every_field"].run(_opening(with_port("entities", CutsTheEnd)))

    assert str(failure.value).endswith(
        "The first difference: summary from character 100 on (100 characters, should be 167): "
        "' tab\\there,', but should be ' tab\\there, line\\nbreak, cr\\r\\nlf,'."
    )


@pytest.mark.parametrize(
    ("actual", "expected", "difference"),
    [
        ([1] * 100, [1] * 40 + [2] + [1] * 59, "The first difference: [40] is 1, but should be 2."),
        ({"a": "x" * 99}, {"a": "x" * 99, "b": None}, "The first difference: b is missing, but should be None."),
        ({"a": "x" * 99, "b": 1}, {"a": "x" * 99}, "The first difference: b is 1, but should be missing."),
        ([["x" * 99], [1]], [["x" * 99], [1, 2]], "The first difference: [1] is [1], but should be [1, 2]."),
        (
            "x" * 99,
            "x" * 98,
            "The first difference: the text from character 98 on (99 characters, should be 98): "
            "'xxxxxxxxxxx', but should be 'xxxxxxxxxx'.",
        ),
    ],
)
def test_the_first_difference_is_named_by_its_place(actual: object, expected: object, difference: str) -> None:
    with pytest.raises(AssertionError) as failure:
        expect_same(actual, expected, "What was read")

    assert str(failure.value).endswith(difference)


async def test_an_error_of_the_adapter_is_told_with_the_promise_it_broke() -> None:
    class Raises(MemoryEntities):
        async def create(self, record: object) -> object:  # type: ignore[override]
            raise OSError("disk full")

    check = CHECKS["entities.keeps_every_field"]

    with pytest.raises(AssertionError, match=r"^entities\.keeps_every_field: .* raised OSError\('disk full'\)\.$"):
        await check.run(_opening(with_port("entities", Raises)))


def test_every_check_has_a_name_of_its_own_and_belongs_to_a_port() -> None:
    checks = list(all_checks())

    assert len({check.name for check in checks}) == len(checks)
    assert {check.port for check in checks} == set(PORTS)
    assert all(check.name.startswith(f"{check.port}.") for check in checks)


def test_ports_select_their_checks() -> None:
    documents = list(all_checks(ports=["documents"]))
    chosen = list(all_checks(ports={"journal.runs", "documents"}))

    assert {check.port for check in documents} == {"documents"}
    assert {check.port for check in chosen} == {"documents", "journal.runs"}
    assert [check.name for check in chosen[: len(documents)]] == [check.name for check in documents]


def test_an_unknown_port_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="'chapters' is nothing the kit can check; choose from documents, entities"):
        all_checks(ports=["documents", "chapters"])


FULL_RECORDS = [
    samples.DOCUMENTS.full,
    samples.ENTITIES.full,
    samples.RELATIONSHIPS.full,
    samples.FACTS.full,
    samples.CAPTURES.full,
    samples.DECISIONS.full,
    samples.PROPOSALS.full,
    samples.WAIVERS.full,
    samples.PRESENCE.full,
    mentions.FULL,
    projects.FULL,
    threads.FULL,
    grants.FULL,
    audit.FULL,
]


@pytest.mark.parametrize("record", FULL_RECORDS, ids=lambda record: type(record).__name__)
def test_a_full_sample_leaves_no_field_at_its_default(record: BaseModel) -> None:
    """A field that is added to a model must be added to its sample, else no check would see it lost."""
    fields = type(record).model_fields
    at_default = [
        name
        for name, field in fields.items()
        if not field.is_required() and getattr(record, name) == field.get_default(call_default_factory=True)
    ]

    assert at_default == []


def _opening(build: Callable[[], Storage]) -> Callable[[], contextlib.AbstractAsyncContextManager[Storage]]:
    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[Storage]:
        async with build() as storage:
            yield storage

    return make


async def test_the_reference_keeps_what_the_broken_ones_break() -> None:
    for _, name in FAULTS.values():
        await CHECKS[name].run(_opening(MemoryStorage))
