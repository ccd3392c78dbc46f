"""A stream cut at any byte gives the whole answer or an error with the text so far, never half an answer as a whole."""

from __future__ import annotations

import json
import random

import pytest
from langchain_core.messages import AIMessageChunk

from saga_agent.errors import ModelCutOff, ModelError, ModelUnavailable
from saga_agent.models.openai import OpenAIModel
from saga_agent.models.strict import parse_tool_calls
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Ending, Reply
from tests.unit.models.asking import ask, connect

WORDS = ["The ", "ferry — ", "slow ", "as ", "ever — ", "crossed ", "“the ", "Æsk”."]
ARGUMENTS = {"name": "Old Tam", "days": 12, "note": "ferryman — “slow”"}
WHOLE_TEXT = {"text": "".join(WORDS), "call": "I add him."}
REPLIES = {
    "text": Reply.text(*WORDS),
    "call": Reply.calls(("create_entity", json.dumps(ARGUMENTS)), text=WHOLE_TEXT["call"]),
}


@pytest.mark.parametrize("cheap", [True, False], ids=["cheap", "sdk"])
@pytest.mark.parametrize("how", ["cut", "clean"])
@pytest.mark.parametrize("kind", REPLIES)
async def test_a_stream_cut_at_any_byte_is_whole_or_told(kind: str, how: Ending, cheap: bool) -> None:
    reply = REPLIES[kind]
    size = len(b"".join(reply.frames))
    places = sorted(random.Random(7).sample(range(size), 60))
    texts: list[str] = []
    async with OpenAIServer(*(reply.stopped_at_byte(place, how) for place in places)) as server:
        model = connect(server, cheap=cheap, retries=0)
        for _ in places:
            answer, error = await _outcome(model)
            if answer is not None:
                _assert_whole(answer, kind)
            else:
                assert isinstance(error, ModelCutOff | ModelUnavailable)
                texts.append(error.partial)

    assert texts == sorted(texts, key=len)
    assert all(WHOLE_TEXT[kind].startswith(text) for text in texts)
    assert "" in texts
    assert len(set(texts)) > 1


async def _outcome(model: OpenAIModel) -> tuple[AIMessageChunk | None, ModelError | None]:
    try:
        return await ask(model), None
    except ModelError as error:
        return None, error


def _assert_whole(answer: AIMessageChunk, kind: str) -> None:
    assert answer.text == WHOLE_TEXT[kind]
    assert [call.arguments for call in parse_tool_calls(answer)] == ([ARGUMENTS] if kind == "call" else [])
