"""What model servers and chat models of all kinds send, through the real client into whole turns."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from saga_agent.app import Saga
from saga_agent.domain.journal import Message, Thread
from saga_agent.errors import RunFailed
from saga_agent.models.openai import OpenAIModel
from saga_agent.runs.settings import TurnSettings
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply, delta, ending, sse

Play = Callable[..., Awaitable[tuple[Message, OpenAIServer]]]


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    """Plays turns, one for each question, against a server with these replies; gives the last message."""
    opened: list[Any] = []

    async def play_it(*replies: Reply, questions: Sequence[str] = ("Who is there?",)) -> tuple[Message, OpenAIServer]:
        server = await OpenAIServer(*replies).__aenter__()
        model = OpenAIModel.connect("t", base_url=server.url, api_key="k", max_retries=0, retry_delay_seconds=0)
        saga, thread = await open_saga(model)
        opened.extend((saga.close, model.aclose, lambda: server.__aexit__()))
        for question in questions[:-1]:
            with pytest.raises(RunFailed):
                await (await saga.send(thread.id, question)).result()
        return await (await saga.send(thread.id, questions[-1])).result(), server

    yield play_it
    for close in opened:
        await close()


async def open_saga(model: BaseChatModel) -> tuple[Saga, Thread]:
    saga = await Saga.open(database="memory://", model=model, turns=TurnSettings(summarizes=False)).start()
    project = await saga.story.projects.create(name="Crossing")
    await saga.story.documents.create(project.id, title="The Weir", number=1, text="Nina ran to the weir.")
    return saga, await saga.threads.create(project_id=project.id)


def calls(message: Message) -> list[tuple[str, Any, str]]:
    """Name, input and state of the message's calls."""
    return [
        (str(part["type"])[5:], part["input"], str(part["state"])) for part in message.parts if "toolCallId" in part
    ]


def said(message: Message, kind: str) -> list[Any]:
    return [part["text"] for part in message.parts if part["type"] == kind]


def call(name: str | None, arguments: object, **more: Any) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return {"function": function, **more}


def pieces(*deltas: Mapping[str, Any]) -> Reply:
    return Reply.events(*(delta(tool_calls=[each]) for each in deltas), *ending("tool_calls", (7, 5)))


SEARCH = ("search_story", {"query": "weir"}, "output-available")
LIST = ("list_documents", {}, "output-available")
WEIR, RIVER = json.dumps({"query": "weir"}), json.dumps({"query": "river"})
DONE = Reply.text("Nina.")


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (pieces(call("search_story", {"query": "weir"}, index=0, id="c1", type="function")), [SEARCH]),
        (pieces(call("search_story", {"query": "weir"})), [SEARCH]),
        (pieces(call("list_documents", {}, index=0, id="c1")), [LIST]),
        (pieces(call("list_documents", None, index=0, id="c1")), [LIST]),
        (
            pieces(call("list_documents", "{}", index=0, id=""), call("search_story", WEIR, index=0, id="")),
            [LIST, SEARCH],
        ),
        (pieces(call("list_documents", "{}", index=0), call("search_story", WEIR, index=0)), [LIST, SEARCH]),
        (pieces(call("list_documents", "", index=0), call("search_story", WEIR, index=0)), [LIST, SEARCH]),
        (pieces(call("list_documents", {}), call("search_story", {"query": "weir"})), [LIST, SEARCH]),
        (
            pieces(call("search_story", WEIR, index=0), call("search_story", RIVER, index=0)),
            [SEARCH, ("search_story", {"query": "river"}, "output-available")],
        ),
        (
            pieces(call("search_story", WEIR), call("search_story", RIVER)),
            [SEARCH, ("search_story", {"query": "river"}, "output-available")],
        ),
        (
            pieces(
                call("search_story", WEIR[:8], id="a"),
                call("list_documents", "{}", id="b"),
                call(None, WEIR[8:], id="a"),
            ),
            [SEARCH, LIST],
        ),
        (
            pieces(call("search_story", WEIR[:8], index=0, id="a"), call("search_story", WEIR[8:], index=0, id="a")),
            [SEARCH],
        ),
        (pieces(call("sear", "", index=0, id="a"), call("ch_story", "", index=0), call(None, WEIR, index=0)), [SEARCH]),
        (pieces(call("search", "", index=0, id="a"), call("search_story", WEIR, index=0, id="a")), [SEARCH]),
        (pieces(call("search_story", "", index=0, id="a"), call("search_story", WEIR, index=0, id="a")), [SEARCH]),
        (
            Reply.events(
                delta(function_call={"name": "search_story", "arguments": ""}),
                delta(function_call={"arguments": WEIR}),
                *ending("function_call", None),
            ),
            [SEARCH],
        ),
        (
            pieces(call("search_story", '{"query": "\ud83d', index=0, id="a"), call(None, '\ude00"}', index=0)),
            [("search_story", {"query": "\U0001f600"}, "output-available")],
        ),
        (
            pieces(call("search_story", r'{"query": "half \ud83d"}', index=0, id="a")),
            [("search_story", {"query": "half \ufffd"}, "output-available")],
        ),
    ],
)
async def test_calls_run_however_a_server_spells_them(play: Play, reply: Reply, wanted: list[Any]) -> None:
    message, _ = await play(reply, DONE)

    assert calls(message) == wanted
    assert message.text == "Nina."


async def test_arguments_that_hold_no_number_do_not_run(play: Play) -> None:
    message, _ = await play(pieces(call("search_story", '{"query": "weir", "limit": 1e999}', index=0, id="a")), DONE)

    assert [state for _, _, state in calls(message)] == ["output-error"]


@pytest.mark.parametrize(
    ("deltas", "thoughts", "text"),
    [
        (["<think>", "They want Nina.", "</think>", "\n\nNina ran."], ["They want Nina."], "Nina ran."),
        (list("<think>They want Nina.</think>\n\nNina ran."), ["They want Nina."], "Nina ran."),
        (["<think>They want Nina.</think>Nina ran."], ["They want Nina."], "Nina ran."),
        (["\n<Think>\nOne.</thi", "nk>\n<think>Two.</think>\nNina ran."], ["\nOne.Two."], "Nina ran."),
        (["<thinking>One.</thinking> Nina ran."], ["One."], "Nina ran."),
        (["<think></think>\n\nNina ran."], [], "Nina ran."),
        (["<think>They want Nina."], ["They want Nina."], ""),
        (["<think>They want Nina.</thi"], ["They want Nina.</thi"], ""),
        (
            ["She wrote <think> on the wall, and </think> under it."],
            [],
            "She wrote <think> on the wall, and </think> under it.",
        ),
        (["<think>A.</think>", "Nina wrote ", "<think>", " and ran."], ["A."], "Nina wrote <think> and ran."),
        (["<thi", "s is a tale>"], [], "<this is a tale>"),
        (["<thi"], [], "<thi"),
        (["  Nina ran. "], [], "  Nina ran. "),
    ],
)
async def test_thoughts_before_an_answer_are_no_part_of_it(
    play: Play, deltas: list[str], thoughts: list[str], text: str
) -> None:
    message, _ = await play(Reply.text(*deltas))

    assert "".join(said(message, "reasoning")) == "".join(thoughts)
    assert message.text == text


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thoughts_go_back_with_the_results_to_a_server_that_sent_them(play: Play, field: str) -> None:
    thinking = Reply.events(
        delta(**{field: "I need "}),
        delta(**{field: "the list."}),
        delta(tool_calls=[call("list_documents", "{}", index=0, id="a")]),
        *ending("tool_calls", None),
    )
    message, server = await play(thinking, thinking, DONE)

    sent = [
        [each.get(field) for each in request.body["messages"] if each["role"] == "assistant"]
        for request in server.requests
    ]
    assert sent == [[], ["I need the list."], ["I need the list."] * 2]
    assert said(message, "reasoning") == ["I need the list."] * 2


async def test_a_server_that_sent_no_thoughts_gets_none(play: Play) -> None:
    _, server = await play(pieces(call("list_documents", "{}", index=0, id="a")), DONE)

    assert not any("reasoning" in name for request in server.requests for name in request.body["messages"][-2])


def named(data: str, name: str = "error") -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


def choice_error(error: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": error}]}


WORDS = delta(content="Nina ")


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([sse(WORDS), sse(choice_error({"message": "upstream died", "code": 502}))], "upstream died"),
        ([sse(WORDS), sse(choice_error("upstream died"))], "upstream died"),
        ([sse(WORDS), named('{"message": "quota exceeded"}')], "quota exceeded"),
        ([sse(WORDS), named('{"error": {"message": "quota exceeded", "code": 429}}')], "quota exceeded"),
        ([sse(WORDS), named("out of memory")], "out of memory"),
        ([sse(WORDS), named('{"detail": "not today"}')], "not today"),
        ([sse(WORDS), sse({"object": "error", "message": "too much", "code": 400})], "too much"),
        ([sse(WORDS), sse({"error": "a plain message"})], "a plain message"),
        ([sse(WORDS), named('{"message": "half \\ud83d"}')], "half \ufffd"),
    ],
)
async def test_an_error_in_the_stream_is_told_in_the_providers_words(
    play: Play, frames: list[bytes], words: str
) -> None:
    with pytest.raises(RunFailed, match=words) as caught:
        await play(Reply(tuple(frames)))

    assert caught.value.partial == "Nina "


@pytest.mark.parametrize("cut", [1, 2, 3, 10])
async def test_a_byte_order_mark_before_the_stream_is_skipped(play: Play, cut: int) -> None:
    whole = b"\xef\xbb\xbf" + b"".join(Reply.text("Nina ran.", usage=None).frames)

    message, _ = await play(Reply((whole[:cut], whole[cut:])))

    assert message.text == "Nina ran."


async def test_roles_alternate_after_turns_that_failed(play: Play) -> None:
    broken = Reply.error(400, "no")
    calling = Reply.calls(("list_documents", "{}"))
    _, server = await play(broken, broken, calling, broken, DONE, questions=["One?", "Two?", "Three?", "Four?"])

    follows = {"system": {"user"}, "user": {"assistant"}, "assistant": {"user", "tool"}, "tool": {"tool", "assistant"}}
    for request in server.requests:
        roles = [each["role"] for each in request.body["messages"]]
        assert roles[0] == "system"
        assert all(after in follows[before] for before, after in itertools.pairwise(roles))
    asked = [each["content"] for each in server.requests[-1].body["messages"] if each["role"] == "user"]
    assert asked == ["One?", "Two?", "Three?", "Four?"]


class Other(BaseChatModel):
    """A chat model as other packages make them: it streams these chunks, or only gives a message."""

    _answers: list[Any] = PrivateAttr()
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self._answers = list(answers)

    @property
    def _llm_type(self) -> str:
        return "other"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError


class Whole(Other):
    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self._seen.append(messages)
        return ChatResult(generations=[ChatGeneration(message=self._answers.pop(0))])


class Streaming(Other):
    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        self._seen.append(messages)
        for chunk in self._answers.pop(0):
            yield ChatGenerationChunk(message=chunk)


END = AIMessageChunk(content="", response_metadata={"finish_reason": "stop"})


def piece(name: str | None, args: str | None, **more: Any) -> AIMessageChunk:
    return AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(name=name, args=args, **more)])


@pytest.mark.parametrize(
    "model",
    [
        Whole(
            AIMessage("", tool_calls=[{"name": "search_story", "args": {"query": "weir"}, "id": "a"}]),
            AIMessage("<think>Hm.</think>Nina \ud83d."),
        ),
        Streaming(
            [
                AIMessageChunk(
                    content="", tool_calls=[{"name": "search_story", "args": {"query": "weir"}, "id": None}]
                ),
                END,
            ],
            [
                AIMessageChunk(content="<think>Hm.</think>"),
                AIMessageChunk(content="Nina \ud83d"),
                AIMessageChunk(content="."),
                END,
            ],
        ),
        Streaming(
            [piece("sear", None, id="a", index=0), piece("ch_story", "", index=0), piece(None, WEIR, index=0), END],
            [
                AIMessageChunk(content="", additional_kwargs={"reasoning_content": "H\ud83d"}),
                AIMessageChunk(content="Nina \ud83d."),
                END,
            ],
        ),
        Streaming(
            [piece("search_story", WEIR[:7]), piece(None, WEIR[7:]), END],
            [AIMessageChunk(content=[{"type": "text", "text": "Nina \ud83d.", "index": 0}]), END],
        ),
    ],
    ids=["whole", "calls", "pieces", "blocks"],
)
async def test_chat_models_of_other_packages_are_read_alike(model: Other) -> None:
    saga, thread = await open_saga(model)
    message = await (await saga.send(thread.id, "Who is there?")).result()
    await saga.close()

    assert calls(message) == [SEARCH]
    assert message.text == "Nina \ufffd."
    json.dumps(message.parts, ensure_ascii=False).encode()


async def test_signed_thoughts_go_back_as_they_came() -> None:
    thought = {"type": "thinking", "thinking": "I need it.", "signature": "s1", "index": 0}
    text = {"type": "text", "text": "Wait. ", "index": 1}
    model = Streaming(
        [AIMessageChunk(content=[thought]), AIMessageChunk(content=[text]), piece("list_documents", "{}", id="a"), END],
        [AIMessageChunk(content="Nina."), END],
    )
    saga, thread = await open_saga(model)
    message = await (await saga.send(thread.id, "Who is there?")).result()
    await saga.close()

    assert said(message, "reasoning") == ["I need it."]
    answered = next(each for each in model._seen[1] if isinstance(each, AIMessage))
    assert answered.content == [thought, text]
    assert message.text == "Wait. Nina."
