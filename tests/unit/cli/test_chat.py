"""`saga chat --message`: one turn, for people and for programs."""

from __future__ import annotations

ADD = "Add Old Haldor as a character."
WHO = "Who appears in chapter 1?"


def test_an_answer_streams_and_names_the_people(saga, kennels):
    outcome = saga("chat", "--project", kennels, "--agent", "revise", "--message", WHO)

    assert outcome.code == 0
    assert "detect_entities" in outcome.out
    assert "Mara" in outcome.out
    assert "Tam" in outcome.out
    assert "Chapter 1: Low Water" in outcome.out


def test_the_only_project_need_not_be_named(saga, kennels):
    assert saga("chat", "--agent", "revise", "--message", WHO).code == 0


def test_one_of_several_projects_must_be_named(saga, story, kennels):
    saga("import", str(story), "--project", "second")

    outcome = saga("chat", "--message", WHO)

    assert outcome.code == 2
    assert "kennels" in outcome.err
    assert "second" in outcome.err


def test_an_unknown_project_lists_the_known_ones_and_makes_none(saga, kennels):
    outcome = saga("chat", "--project", "nope", "--message", WHO)

    assert (outcome.code, outcome.err) == (2, "saga: No project 'nope'. There are: kennels.\n")
    assert len(saga("projects", "ls", "--json").json) == 1


def test_without_a_database_it_says_how_to_make_one(saga, folder):
    outcome = saga("chat", "--message", WHO)

    assert outcome.code == 2
    assert "saga import FILE" in outcome.err
    assert list(folder.iterdir()) == []


def test_an_approval_that_nobody_gives_leaves_the_run_waiting(saga, kennels):
    outcome = saga("chat", "--message", ADD)

    (run,) = saga("runs", "ls", "--json").json
    assert outcome.code == 1
    assert run["state"] == "waiting"
    assert "Add character 'Old Haldor' to the story bible" in outcome.err
    assert f"saga answer {run['id']} req_" in outcome.err
    assert saga("projects", "ls", "--json").json[0]["entities"] == 0


def test_yes_approves_every_call(saga, kennels):
    outcome = saga("chat", "--yes", "--message", ADD)

    assert outcome.code == 0
    assert saga("projects", "ls", "--json").json[0]["entities"] == 1


def test_yes_puts_questions_aside(saga, kennels):
    outcome = saga("chat", "--yes", "--message", "Ask me whether it rains.")

    (run,) = saga("runs", "ls", "--json").json
    (request,) = saga("runs", "show", run["id"], "--json").json["requests"]
    assert outcome.code == 0
    assert (request["kind"], request["reply"]["kind"]) == ("question", "dismiss")


def test_json_is_one_object_per_line_and_ends_with_the_result(saga, kennels):
    outcome = saga("chat", "--agent", "revise", "--message", WHO, "--json")

    *chunks, result = outcome.lines
    assert outcome.code == 0
    assert {line["type"] for line in chunks} == {"chunk"}
    assert [line["seq"] for line in chunks] == list(range(1, len(chunks) + 1))
    assert result["type"] == "result"
    assert result["state"] == "finished"
    assert "Mara" in result["text"]
    assert result["usage"]["model_calls"] == 2
    deltas = "".join(line["chunk"]["delta"] for line in chunks if line["chunk"]["type"] == "text-delta")
    assert deltas == result["text"]


def test_json_shows_what_a_waiting_run_asks(saga, kennels):
    outcome = saga("chat", "--message", ADD, "--json")

    requests = [line["request"] for line in outcome.lines if line["type"] == "request"]
    assert [(each["kind"], each["tool"]) for each in requests] == [("approval", "create_entity")]
    assert outcome.lines[-1]["state"] == "waiting"
    assert outcome.code == 1


def test_a_thread_goes_on_only_when_asked_to(saga, kennels):
    for options in ((), (), ("--continue",)):
        assert saga("chat", *options, "--agent", "revise", "--message", WHO).code == 0

    newest, older = saga("threads", "ls", "--json").json
    assert len(saga("threads", "show", newest["id"], "--json").json) == 4
    assert len(saga("threads", "show", older["id"], "--json").json) == 2


def test_a_thread_can_be_named(saga, kennels):
    saga("chat", "--agent", "revise", "--message", WHO)
    (thread,) = saga("threads", "ls", "--json").json

    saga("chat", "--thread", thread["id"], "--agent", "revise", "--message", WHO)

    assert len(saga("threads", "show", thread["id"], "--json").json) == 4


def test_a_thread_is_titled_by_its_first_message(saga, kennels):
    saga("chat", "--agent", "revise", "--message", WHO)

    assert saga("threads", "ls", "--json").json[0]["title"] == WHO


def test_a_new_message_puts_open_requests_aside(saga, kennels):
    saga("chat", "--message", ADD)

    outcome = saga("chat", "--continue", "--agent", "revise", "--message", WHO)

    assert outcome.code == 0
    assert "put aside" in outcome.err
    assert [run["state"] for run in saga("runs", "ls", "--json").json] == ["finished", "stopped"]


def test_going_on_without_a_thread_is_wrong_use(saga, kennels):
    outcome = saga("chat", "--continue", "--message", WHO)

    assert outcome.code == 2
    assert "no thread yet" in outcome.err


def test_the_last_thread_of_all_goes_on_without_its_project_being_named(saga, story, kennels):
    saga("import", str(story), "--project", "second")
    saga("chat", "--project", "kennels", "--agent", "revise", "--message", WHO)

    outcome = saga("chat", "--continue", "--agent", "revise", "--message", WHO)

    assert outcome.code == 0
    assert len(saga("threads", "ls", "--json").json) == 1


def test_a_thread_of_another_project_is_wrong_use(saga, story, kennels):
    saga("chat", "--agent", "revise", "--message", WHO)
    (thread,) = saga("threads", "ls", "--json").json
    saga("import", str(story), "--project", "second")

    outcome = saga("chat", "--project", "second", "--thread", thread["id"], "--message", WHO)

    assert outcome.code == 2
    assert "belongs to project 'kennels'" in outcome.err


def test_nothing_is_stored_for_an_unknown_agent_or_an_empty_message(saga, kennels):
    unknown = saga("chat", "--agent", "nobody", "--message", WHO)
    empty = saga("chat", "--message", "  ")

    assert (unknown.code, empty.code) == (2, 2)
    assert "draft, revise" in unknown.err
    assert saga("threads", "ls", "--json").json == []


def test_an_unknown_model_is_wrong_use_and_stores_nothing(saga, kennels):
    outcome = saga("chat", "--model", "foo", "--message", WHO)

    assert outcome.code == 2
    assert "Cannot use 'foo' as a model" in outcome.err
    assert saga("threads", "ls", "--json").json == []


def test_a_missing_key_is_named(saga, kennels):
    outcome = saga("chat", "--model", "openai:gpt-4o", "--message", WHO)

    assert outcome.code == 2
    assert "OPENAI_API_KEY" in outcome.err


def test_json_needs_a_message(saga, kennels):
    assert saga("chat", "--json").code == 2
