"""How the offline model answers from what the tools gave back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from saga_agent.models.offline import OfflineModel

Result = tuple[str, dict[str, Any], dict[str, Any] | str]


async def _answer(text: str, *results: Result) -> str:
    """The answer to a message whose calls `(tool, arguments, result)` came back."""
    calls = [{"name": tool, "args": args, "id": f"c{at}"} for at, (tool, args, _) in enumerate(results)]
    replies = [
        ToolMessage(result if isinstance(result, str) else json.dumps(result), tool_call_id=f"c{at}")
        for at, (_, _, result) in enumerate(results)
    ]
    prompt: list[BaseMessage] = [HumanMessage(text), AIMessage("", tool_calls=calls), *replies]
    return str((await OfflineModel().ainvoke(prompt)).text)


def _ok(**data: Any) -> dict[str, Any]:
    return {"ok": True, "data": data}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": message, "hint": "Do not repeat the call."}}


async def test_names_are_listed_by_count_and_the_passage_is_cited() -> None:
    people = [
        {"name": "Tam", "kind": "character", "count": 1},
        {"name": "Mara", "kind": "character", "count": 4, "first_quote": "Mara waited by the ford."},
    ]
    result = _ok(document={"id": "doc_1", "title": "Chapter 7: The Ford"}, people=people, mentions=[])

    answer = await _answer("Who appears in chapter 7?", ("detect_entities", {"document": "chapter 7"}, result))

    assert answer == (
        "In Chapter 7: The Ford I find 2 names:\n- Mara (character), 4 times\n- Tam (character), once\n\n"
        "> Mara waited by the ford.\n> — Chapter 7: The Ford"
    )


async def test_names_are_counted_from_mentions_where_no_list_is_given() -> None:
    result = _ok(mentions=[{"surface": "Tam"}, {"surface": "Mara"}, {"surface": "Mara"}])

    answer = await _answer("Who?", ("detect_entities", {"document": "chapter 7"}, result))

    assert "- Mara, 2 times\n- Tam, once" in answer


async def test_a_long_list_is_cut_with_a_count_and_an_empty_one_is_told() -> None:
    many = _ok(names=[{"name": f"Name{n}", "count": 1} for n in range(15)])

    assert "- and 3 more" in await _answer("Who?", ("detect_entities", {}, many))
    assert await _answer("Who?", ("detect_entities", {"document": "chapter 2"}, _ok(names=[]))) == (
        "I find no names in chapter 2."
    )


async def test_a_question_is_answered_with_the_sentence_that_fits_best() -> None:
    text = "Rain fell all night. Mara lived above the old mill. Nobody came. The dog slept."
    result = _ok(passages=[{"document_id": "d", "title": "One", "start": 0, "end": 9, "text": text, "score": 1.0}])

    answer = await _answer("Where does Mara live?", ("search_story", {"query": "Mara mill"}, result))

    assert "> Mara lived above the old mill. Nobody came.\n> — One" in answer


async def test_a_search_without_hits_is_told() -> None:
    answer = await _answer("Who is Zed?", ("search_story", {"query": "Zed"}, _ok(passages=[])))

    assert answer == "I find nothing about 'Zed' in the manuscript."


async def test_what_was_created_is_told_and_so_is_a_refusal_with_its_words() -> None:
    call = {"type": "character", "name": "Old Tam"}
    created = _ok(entity={"name": "Old Tam", "type": "character"}, duplicates=[])
    declined = _failed("permission_denied", "The writer declined create_entity: he is called Tom")

    assert await _answer("Add him", ("create_entity", call, created)) == (
        "I added Old Tam (character) to the story bible."
    )
    refusal = await _answer("Add him", ("create_entity", call, declined))
    assert refusal == ("Old Tam was not added to the story bible: The writer declined create_entity: he is called Tom")


async def test_a_proposal_is_not_told_as_done() -> None:
    answer = await _answer("Add", ("create_entity", {"type": "item", "name": "Ring"}, _ok(proposal={"id": "p"})))

    assert answer == "I proposed Ring (item) for the story bible; the entry waits for your word."


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"outcome": "answered", "option_ids": ["b"], "note": "she lies"}, "You answered: Tam (you noted: she lies)."),
        ({"outcome": "answered", "option_ids": [], "text": "The dog’s"}, "You answered: The dog’s."),
        ({"outcome": "dismissed", "option_ids": []}, "My question stays open, so I settle nothing on it."),
        ({"outcome": "expired"}, "My question stays open, so I settle nothing on it."),
    ],
)
async def test_the_writers_answer_is_taken_up_and_silence_is_no_consent(data: dict[str, Any], answer: str) -> None:
    arguments = {"question": "Who?", "options": [{"id": "a", "label": "Mara"}, {"id": "b", "label": "Tam"}]}

    assert await _answer("Ask me who.", ("ask_question", arguments, _ok(**data))) == answer


async def test_a_document_is_quoted_from_its_beginning() -> None:
    long = "It was a dark night. " * 40
    result = _ok(document={"title": "Prologue"}, text=long)

    answer = await _answer("Read the prologue", ("read_document", {"document": "prologue"}, result))

    assert answer.startswith("Prologue begins:\n\n> It was a dark night.")
    assert answer.endswith("…\n> — Prologue")
    assert len(answer) < 400


@pytest.mark.parametrize("tool", ["search_story", "detect_entities", "read_document", "find_issues"])
async def test_a_failure_is_told_honestly(tool: str) -> None:
    answer = await _answer("Who?", (tool, {}, _failed("not_found", "No document 'chapter 99'.")))

    assert answer == f"`{tool}` did not work: No document 'chapter 99'."


@pytest.mark.parametrize("result", ["plain words", "[1, 2]", "", '{"ok": true, "data": {"passages": null}}'])
@pytest.mark.parametrize("tool", ["search_story", "detect_entities", "create_entity", "read_document", "other"])
async def test_results_of_another_shape_break_nothing(tool: str, result: str) -> None:
    assert await _answer("Who?", (tool, {"name": "X", "type": "item"}, result))


async def test_the_result_of_a_tool_it_does_not_know_is_shown_in_short() -> None:
    answer = await _answer("Find issues", ("find_issues", {}, _ok(findings=[1, 2], counts={"error": 2})))

    assert answer.startswith("`find_issues` is done and reports 2 finding(s): {")


async def test_a_draft_is_labelled_as_a_template_and_takes_up_answer_and_passage() -> None:
    arguments = {"question": "Whose?", "options": [{"id": "a", "label": "Mara"}, {"id": "b", "label": "Tam"}]}
    passages = [{"title": "One", "text": "The ferry was late."}]

    answer = await _answer(
        "Draft the ferry crossing, ask me whose point of view",
        ("search_story", {"query": "ferry crossing"}, _ok(passages=passages)),
        ("ask_question", arguments, _ok(outcome="answered", option_ids=["b"])),
    )

    assert answer.startswith(
        "You answered: Tam.\n\n**Offline draft** (from a template, not written by a language model)"
    )
    assert "Tam stood where" in answer
    assert "ferry crossing" in answer
    assert "The ferry was late." in answer


async def test_several_results_are_told_in_the_order_of_their_calls() -> None:
    created = ("create_entity", {"type": "item", "name": "A"}, _ok(entity={"name": "A"}))

    answer = await _answer("Both", created, ("other", {}, _failed("x", "no")))

    assert answer == "I added A (item) to the story bible.\n\n`other` did not work: no"
