"""The test server backed by a chat model: a whole turn over the wire, as `--model openai:NAME@URL` makes it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from saga_agent.models.offline import OfflineModel
from saga_agent.models.strict import finish_reason, parse_tool_calls
from tests.servers.openai_server import OpenAIServer
from tests.unit.models.asking import ask, connect

SEARCH = {
    "type": "function",
    "function": {
        "name": "search_story",
        "description": "Searches.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}


async def test_the_offline_model_behind_the_wire_calls_tools_and_answers_as_it_does_itself() -> None:
    prompt: list[BaseMessage] = [SystemMessage("Known names: Mara"), HumanMessage("Where does Mara live?")]
    result = '{"ok": true, "data": {"passages": [{"title": "One", "text": "Mara lived at the ford."}]}}'
    offline = OfflineModel().bind_tools([SEARCH])
    async with OpenAIServer(model=OfflineModel()) as server:
        remote = connect(server).bind_tools([SEARCH])
        asked = await remote.ainvoke(prompt)
        (call,) = parse_tool_calls(asked)
        follow_up = [*prompt, asked, ToolMessage(result, tool_call_id=call.id)]
        answer, expected = await remote.ainvoke(follow_up), await offline.ainvoke(follow_up)

    assert (call.name, call.arguments) == ("search_story", {"query": "Mara live"})
    assert finish_reason(asked) == "tool_calls"
    assert answer.text == expected.text
    assert "Mara lived at the ford." in answer.text
    assert answer.usage_metadata is not None
    assert expected.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] == expected.usage_metadata["total_tokens"]


@pytest.fixture
async def served_url() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.servers.openai_server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    yield (await process.stdout.readline()).decode().strip()
    process.terminate()
    await process.wait()


async def test_as_a_command_it_prints_its_url_and_serves_there(served_url: str) -> None:
    server = OpenAIServer(port=int(served_url.rsplit(":", 1)[1].removesuffix("/v1")))

    answer = await ask(connect(server), "Hello")

    assert "offline model" in answer.text
