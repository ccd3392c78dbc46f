"""The faults of `broken_trees`, each with the check that must find it."""

from __future__ import annotations

from collections.abc import Callable

from saga_agent.storage.adapter import Storage
from tests.conformance import broken_trees as broken
from tests.conformance.broken import threads, with_noun

TREE_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "list ignores the parent": (with_noun("runs", broken.KnowsNoChildren), "journal.runs.lists_children"),
    "a stop reaches one run": (with_noun("runs", broken.StopsOneRun), "journal.runs.stops_descendants"),
    "a stop ends at an ended run": (
        with_noun("runs", broken.StopsAtAnEndedRun),
        "journal.runs.stops_below_an_ended_run",
    ),
    "a new turn leaves subagents waiting": (
        with_noun("runs", broken.SupersedesOneRun),
        "journal.runs.supersedes_descendants_nobody_holds",
    ),
    "a new turn ends who is at work": (
        with_noun("runs", broken.SupersedesWhoIsAtWork),
        "journal.runs.marks_held_descendants_of_a_superseded_run",
    ),
    "an end wakes no parent": (with_noun("runs", broken.WakesNoParent), "journal.runs.wakes_a_waiting_parent"),
    "a repeated end wakes again": (with_noun("runs", broken.WakesAParentTwice), "journal.runs.wakes_a_parent_once"),
    "a pause misses an ended child": (
        with_noun("runs", broken.PausesWithoutALook),
        "journal.runs.queues_a_pausing_parent_whose_child_has_ended",
    ),
    "a pause misses an end in a race": (
        with_noun("runs", broken.PausesWithoutALook),
        "journal.runs.misses_no_end_when_it_races_with_the_pause",
    ),
    "a pause misses an expiry": (
        with_noun("runs", broken.PausesWithoutALook),
        "journal.runs.queues_a_pausing_run_whose_request_is_over",
    ),
    "an ended child keeps its parent awake": (
        with_noun("runs", broken.QueuesForeverAfterAChild),
        "journal.runs.waits_when_its_children_are_taken_up",
    ),
    "an expired request keeps its run awake": (
        with_noun("runs", broken.QueuesForeverAfterAnExpiry),
        "journal.runs.queues_a_pausing_run_whose_request_is_over",
    ),
    "the usage of a killed attempt is lost": (
        with_noun("runs", broken.CountsTheLastAttempt),
        "journal.runs.counts_every_attempt",
    ),
    "the usage of a pause is lost": (
        with_noun("runs", broken.ForgetsTheUsageOfAPause),
        "journal.runs.counts_every_attempt",
    ),
    "the reason's code is lost": (
        with_noun("runs", broken.ForgetsWhyItEnded),
        "journal.runs.ends_message_run_and_stream_together",
    ),
    "a request without a root is of no tree": (
        with_noun("requests", broken.ListsOwnRequests),
        "journal.requests.lists_the_requests_of_a_tree",
    ),
    "anybody's request can be answered": (
        with_noun("requests", broken.AnswersAnyRun),
        "journal.requests.answers_no_other_tree",
    ),
    "an answer wakes the root": (
        with_noun("requests", broken.WakesTheRoot),
        "journal.requests.wakes_the_run_that_asked_alone",
    ),
    "an answer names runs at work": (
        with_noun("requests", broken.NamesEveryRun),
        "journal.requests.gives_no_run_at_work",
    ),
    "a late answer counts": (
        with_noun("requests", broken.ForgetsTheTime),
        "journal.requests.takes_no_answer_after_its_time",
    ),
    "a late repetition is refused": (
        with_noun("requests", broken.RefusesARepeatAfterItsTime),
        "journal.requests.takes_the_same_reply_again_after_its_time",
    ),
    "expire wakes nobody": (with_noun("requests", broken.ExpiresWithoutWaking), "journal.requests.expires_what_is_due"),
    "expire takes answers away": (
        with_noun("requests", broken.ExpiresWhatIsAnswered),
        "journal.requests.expires_what_is_due",
    ),
    "close lets a zombie in": (
        with_noun("requests", broken.ClosesWithoutAFence),
        "journal.requests.closes_for_its_own_runner",
    ),
    "close leaves what is answered": (
        with_noun("requests", broken.ClosesWhatIsPending),
        "journal.requests.closes_a_request",
    ),
    "a repeated close is told twice": (with_noun("requests", broken.ClosesTwice), "journal.requests.closes_once"),
    "a refused answer grants": (
        with_noun("requests", broken.GrantsBeforeItAnswers),
        "journal.grants.comes_with_its_answer",
    ),
    "the grant comes in a second step": (
        with_noun("requests", broken.GrantsInASecondStep),
        "journal.grants.comes_whole_or_not_when_cancelled",
    ),
    "a repeated answer grants again": (
        with_noun("requests", broken.GrantsAgain),
        "journal.grants.is_given_once_for_a_request",
    ),
    "a repeated open is told twice": (
        with_noun("requests", broken.AuditsARepeatedOpen),
        "journal.audit.comes_with_a_request",
    ),
    "an answer is not told": (with_noun("requests", broken.AuditsNoAnswer), "journal.audit.comes_with_an_answer"),
    "a refused start is told": (with_noun("calls", broken.AuditsARefusedStart), "journal.audit.comes_with_a_call"),
    "an approval serves two calls": (
        with_noun("calls", broken.ConsumesForAnyone),
        "journal.calls.consumes_an_approval_once",
    ),
    "a repeated start is refused": (
        with_noun("calls", broken.RefusesARepeatedStart),
        "journal.calls.takes_the_same_start_again_for_success",
    ),
    "the whole text is lost": (
        with_noun("calls", broken.ForgetsTheWholeText),
        "journal.calls.keeps_the_whole_text_of_a_cut_result",
    ),
    "a call repeats itself": (with_noun("calls", broken.CountsItself), "journal.calls.counts_the_same_call"),
    "a call is found by its arguments alone": (
        with_noun("calls", broken.CountsWithoutTheCall),
        "journal.calls.gives_the_call_itself",
    ),
    "repeats are counted by run": (with_noun("calls", broken.CountsOneRun), "journal.calls.counts_in_the_whole_tree"),
    "refusals are forgotten with their turn": (
        with_noun("calls", broken.CountsRefusalsOfOneTree),
        "journal.calls.counts_refusals_in_the_whole_thread",
    ),
    "a revoked grant is in force": (
        with_noun("grants", broken.KnowsRevokedGrants),
        "journal.grants.is_in_force_until_its_end",
    ),
    "an expired grant is in force": (
        with_noun("grants", broken.LetsGrantsLast),
        "journal.grants.is_in_force_until_its_end",
    ),
    "a grant serves other owners": (
        with_noun("grants", broken.GrantsToAllOwners),
        "journal.grants.serves_its_owner_scope_and_tool",
    ),
    "a grant is revoked again": (with_noun("grants", broken.RevokesAgain), "journal.grants.is_revoked_once"),
    "revoked grants are not listed": (
        with_noun("grants", broken.ListsGrantsInForce),
        "journal.grants.lists_the_newest_first",
    ),
    "the audit is rewritten": (with_noun("audit", broken.RewritesTheAudit), "journal.audit.never_changes_an_entry"),
    "the audit loses its order": (
        with_noun("audit", broken.SortsTheAuditById),
        "journal.audit.keeps_the_order_within_a_moment",
    ),
    "the audit knows no runs": (with_noun("audit", broken.ListsTheAuditOfAll), "journal.audit.lists_by_run_and_thread"),
    "subagents are listed": (
        with_noun("threads", threads(broken.ListsSubagents)),
        "journal.threads.leaves_subagents_out_of_the_list",
    ),
    "subagents outlive their thread": (
        with_noun("threads", threads(broken.LeavesSubagents)),
        "journal.threads.deletes_subagents_with_their_thread",
    ),
    "grants outlive their thread": (
        with_noun("threads", threads(broken.LeavesGrants)),
        "journal.threads.deletes_grants_and_audit",
    ),
    "the audit outlives its thread": (
        with_noun("threads", threads(broken.LeavesTheAudit)),
        "journal.threads.deletes_grants_and_audit",
    ),
    "a thread goes while its subagent works": (
        with_noun("threads", threads(broken.LooksAtOwnRuns)),
        "journal.threads.refuses_to_delete_a_thread_whose_subagent_works",
    ),
}
