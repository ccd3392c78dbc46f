"""How these tests ask a model and read its answer."""

from __future__ import annotations

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk

from saga_agent.errors import ModelError
from saga_agent.models.openai import OpenAIModel
from tests.servers.openai_server import OpenAIServer

OPENED: list[OpenAIModel] = []


def connect(server: OpenAIServer, *, cheap: bool = True, retries: int = 2, silence_seconds: float = 30) -> OpenAIModel:
    """A model on that server which waits for nothing between tries; closed when the test ends."""
    model = OpenAIModel.connect(
        "tester",
        base_url=server.url,
        api_key="sk-secret-key",
        max_retries=retries,
        retry_delay_seconds=0,
        silence_seconds=silence_seconds,
        cheap_stream=cheap,
    )
    OPENED.append(model)
    return model


async def ask(model: BaseChatModel, text: str = "Tell me.") -> AIMessageChunk:
    """The whole answer, merged from its chunks as the model node merges them."""
    chunks = [chunk async for chunk in model.astream(text)]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    assert isinstance(whole, AIMessageChunk)
    return whole


async def ask_in_vain(model: BaseChatModel, text: str = "Tell me.") -> tuple[str, ModelError]:
    """The text that was shown, and the error that ended it."""
    shown = ""
    try:
        async for chunk in model.astream(text):
            shown += str(chunk.text)
    except ModelError as error:
        return shown, error
    raise AssertionError(f"the answer was passed off as whole: {shown!r}")
