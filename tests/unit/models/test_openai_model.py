"""What a whole answer of an OpenAI-compatible server becomes, and how the model uses its connections."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI

from saga_agent.models.events import BrokenStream, EventCompletions, EventStream
from saga_agent.models.openai import OpenAIModel
from saga_agent.models.strict import finish_reason, parse_tool_calls
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply, delta, ending, sse, usage_event
from tests.unit.models.asking import ask, connect

both_streams = pytest.mark.parametrize("cheap", [True, False], ids=["cheap", "sdk"])

SCHEMA = {
    "type": "function",
    "function": {"name": "book", "description": "Books.", "parameters": {"type": "object", "properties": {}}},
}


@both_streams
async def test_a_whole_answer_has_text_finish_reason_and_usage(cheap: bool) -> None:
    async with OpenAIServer(Reply.text("Hel", "lo", usage=(11, 2))) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert answer.text == "Hello"
    assert finish_reason(answer) == "stop"
    assert answer.usage_metadata is not None
    assert (answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]) == (11, 2)


@both_streams
async def test_chunks_that_carry_nothing_are_not_passed_on(cheap: bool) -> None:
    events = [delta(role="assistant", content=""), delta(), delta(content="a"), *ending("stop", None)]
    async with OpenAIServer(Reply.events(*events)) as server:
        chunks = [chunk async for chunk in connect(server, cheap=cheap).astream("Go.")]

    assert [str(chunk.text) for chunk in chunks] == ["a", "", ""]
    assert [finish_reason(chunk) for chunk in chunks] == [None, "stop", None]
    assert chunks[-1].chunk_position == "last"


@both_streams
async def test_ainvoke_gives_the_same_answer_as_the_stream(cheap: bool) -> None:
    async with OpenAIServer(Reply.calls(("book", '{"days":12}'), text="Now.")) as server:
        answer = await connect(server, cheap=cheap).ainvoke("Book it.")

    assert answer.text == "Now."
    assert [call.arguments for call in parse_tool_calls(answer)] == [{"days": 12}]
    assert server.requests[0].body["stream"] is True


async def test_messages_tools_and_settings_reach_the_server() -> None:
    history = [
        SystemMessage("Be brief."),
        HumanMessage("Book."),
        AIMessage("", tool_calls=[{"name": "book", "args": {"days": 1}, "id": "call_9"}]),
        ToolMessage("done", tool_call_id="call_9"),
    ]
    async with OpenAIServer(Reply.text("Done.")) as server:
        await connect(server).bind_tools([SCHEMA]).bind(temperature=0.5).ainvoke(history)

    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-secret-key"
    assert request.body["model"] == "tester"
    assert request.body["temperature"] == 0.5
    assert request.body["stream_options"] == {"include_usage": True}
    assert request.body["tools"] == [SCHEMA]
    assert [message["role"] for message in request.body["messages"]] == ["system", "user", "assistant", "tool"]


async def test_extra_headers_and_extra_body_are_sent_as_the_sdk_sends_them() -> None:
    async with OpenAIServer(Reply.text("Hi")) as server:
        await connect(server).bind(extra_headers={"x-title": "Saga"}, extra_body={"top_k": 3}).ainvoke("Hello")

    (request,) = server.requests
    assert request.headers["x-title"] == "Saga"
    assert request.body["top_k"] == 3
    assert not request.body.keys() & {"extra_headers", "extra_body"}


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_does_not_know_stream_options_is_asked_without_them_from_then_on(status: int) -> None:
    async with OpenAIServer(
        Reply.error(status, "Unknown field stream_options."), Reply.text("One"), Reply.text("Two")
    ) as server:
        model = connect(server)
        answers = [await ask(model), await ask(model)]

    assert [str(answer.text) for answer in answers] == ["One", "Two"]
    assert ["stream_options" in request.body for request in server.requests] == [True, False, False]


@both_streams
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_of_other_servers_is_kept_apart_from_the_text(cheap: bool, field: str) -> None:
    events = [delta(**{field: "Hm, "}), delta(**{field: "so."}), delta(content="Yes."), *ending("stop", None)]
    async with OpenAIServer(Reply.events(*events)) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert answer.text == "Yes."
    assert answer.additional_kwargs["reasoning_content"] == "Hm, so."


async def test_words_that_arrived_together_are_one_chunk_and_others_are_passed_on_at_once() -> None:
    response = _Response(sse(delta(content="a ")), sse(delta(content="b ")), sse(delta(content="c ")))
    stream = EventStream(response, silence_seconds=5)
    texts: list[str] = []
    async with stream:
        for words in (2, 1):
            response.let_arrive(words)
            texts.append((await anext(aiter(stream)))["choices"][0]["delta"]["content"])

    assert texts == ["a b ", "c "]


async def test_only_plain_text_is_merged() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "book", "arguments": "{}"}}
    events = [delta(content="a"), delta(content="b"), delta(tool_calls=[call]), delta(content="c", refusal=None)]
    response = _Response(*map(sse, events), b"data: [DONE]\n\n")
    response.let_arrive(5)

    async with EventStream(response, silence_seconds=5) as stream:
        deltas = [event["choices"][0]["delta"] async for event in stream]

    assert deltas == [{"content": "ab"}, {"tool_calls": [call]}, {"content": "c", "refusal": None}]


async def test_a_stream_that_was_left_keeps_no_task_at_work() -> None:
    response = _Response(sse(delta(content="a ")))
    response.let_arrive(1)
    before = asyncio.all_tasks()

    async with EventStream(response, silence_seconds=5) as stream:
        await anext(aiter(stream))
        assert asyncio.all_tasks() > before

    assert asyncio.all_tasks() == before


async def test_comments_alone_do_not_keep_a_silent_stream_alive() -> None:
    class Chatter(_Response):
        async def aiter_bytes(self) -> AsyncIterator[bytes]:
            clock = asyncio.get_running_loop().time
            until = clock() + 0.3
            while clock() < until:
                await asyncio.sleep(0)
                yield b": still working\n\n"

    async with EventStream(Chatter(), silence_seconds=0.1) as stream:
        with pytest.raises(BrokenStream, match=r"nothing came for 0\.1 seconds"):
            await anext(aiter(stream))


async def test_a_slow_reader_is_not_taken_for_a_silent_server() -> None:
    response = _Response(sse(delta(content="a ")), sse(delta(content="b ")))
    stream = EventStream(response, silence_seconds=0.01)
    texts: list[str] = []
    async with stream:
        for _ in range(2):
            response.let_arrive(1)
            texts.append((await anext(aiter(stream)))["choices"][0]["delta"]["content"])
            await asyncio.sleep(0.02)  # longer than the server may be silent

    assert texts == ["a ", "b "]


@both_streams
@pytest.mark.parametrize("how", ["closed", "dropped", "cancelled"])
async def test_leaving_a_stream_hangs_up(how: str, cheap: bool) -> None:
    async with OpenAIServer(Reply.text("a", "b", "c").stopped(3, "silent")) as server:
        stream = connect(server, cheap=cheap).astream("Go.")
        await anext(stream)
        if how == "closed":
            await stream.aclose()
        elif how == "cancelled":
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(_exhaust(stream), 0.05)
        del stream
        gc.collect()
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_the_connection_is_used_again_for_the_next_answer() -> None:
    async with OpenAIServer(*[Reply.text("Hi")] * 5) as server:
        model = connect(server)
        for _ in range(5):
            await ask(model)
        assert server.connections == 1
        await model.aclose()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_model_serves_several_event_loops() -> None:
    """A notebook, a test and a synchronous door each bring a loop of their own, and may leave connections open."""
    assert _texts_of_two_loops() == ["Hi", "Hi"]

    gc.collect()  # what the first loop left open goes here, not in the middle of another test


def _texts_of_two_loops() -> list[str]:
    port = _free_port()
    model = OpenAIModel.connect("tester", base_url=f"http://127.0.0.1:{port}/v1", api_key="k", max_retries=0)

    async def use_once() -> str:
        async with OpenAIServer(Reply.text("Hi"), port=port):
            return str((await ask(model)).text)

    return [asyncio.run(use_once()) for _ in range(2)]


def test_it_refuses_to_run_synchronously_with_one_clear_sentence() -> None:
    model = OpenAIModel.connect("tester", base_url="http://127.0.0.1:9/v1", api_key="k")

    with pytest.raises(NotImplementedError, match="ainvoke"):
        model.invoke("Hello")
    with pytest.raises(NotImplementedError, match="ainvoke"):
        next(model.stream("Hello"))


def test_the_key_does_not_show() -> None:
    model = OpenAIModel.connect("tester", base_url="http://127.0.0.1:9/v1", api_key="sk-secret-key")

    assert "sk-secret-key" not in repr(model)


async def test_the_private_parts_that_the_cheap_stream_stands_on_are_still_there() -> None:
    """When this fails, langchain-openai has moved: `EventCompletions` must follow, or drop to the SDK's stream."""

    class Recorder(EventCompletions):
        def __init__(self) -> None:
            self.payloads: list[dict[str, object]] = []

        async def create(self, **payload: object) -> object:
            self.payloads.append(payload)
            return _Dicts()

    assert OpenAIModel.takes_clients()
    recorder = Recorder()
    stock = ChatOpenAI(
        model="m", api_key="k", base_url="http://127.0.0.1:9/v1", async_client=recorder, stream_usage=True
    )
    chunks: list[ChatGenerationChunk] = [chunk async for chunk in stock._astream([HumanMessage("Hello")])]

    assert [chunk.message.content for chunk in chunks[:1]] == ["Hi"]
    assert chunks[1].generation_info is not None
    assert chunks[1].generation_info["finish_reason"] == "stop"
    assert isinstance(chunks[2].message, AIMessageChunk)
    assert chunks[2].message.usage_metadata is not None
    assert recorder.payloads[0]["stream"] is True


async def test_without_those_parts_the_model_runs_on_langchain_openais_own_clients() -> None:
    class Moved(OpenAIModel):
        @classmethod
        def takes_clients(cls) -> bool:
            return False

    async with OpenAIServer(Reply.text("Hi")) as server:
        model = Moved.connect("tester", base_url=server.url, api_key="k")
        answer = await ask(model)
        await model.root_async_client.close()

    assert answer.text == "Hi"
    assert not isinstance(model.async_client, EventCompletions)


async def _exhaust(stream: AsyncIterator[object]) -> None:
    async for _ in stream:
        pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Dicts:
    """A stream that yields plain dicts, as `EventStream` does."""

    async def __aenter__(self) -> AsyncIterator[dict[str, object]]:
        async def events() -> AsyncIterator[dict[str, object]]:
            for event in (delta(content="Hi"), delta(finish_reason="stop"), usage_event(1, 2)):
                yield event

        return events()

    async def __aexit__(self, *_: object) -> None:
        return None


class _Response:
    """An HTTP response whose pieces arrive when the test lets them; then it stays silent."""

    headers: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def let_arrive(self, count: int) -> None:
        for _ in range(count):
            self._arrived.put_nowait(self._pieces.pop(0))

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        while True:
            yield await self._arrived.get()

    async def aclose(self) -> None:
        return None
