"""Chat models behind an OpenAI-compatible API, on langchain-openai: half an answer is never passed off as a whole one.

Importing this module imports the OpenAI SDK (about a second); `resolve_model` does so only when it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Self

import httpx2
import openai
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from saga_agent.errors import ModelError
from saga_agent.models.connections import LoopClients, LoopCompletions
from saga_agent.models.events import BrokenStream, EventCompletions
from saga_agent.models.failures import TRANSPORT_FAILURES, Endpoint, cut_off, model_failure
from saga_agent.models.progress import Progress
from saga_agent.models.repair import Event
from saga_agent.models.streamed import SYNC_REFUSAL, collect

_CLIENT_FIELDS = {"client", "async_client", "root_async_client"}
_CONNECT_SECONDS = 10.0
_REASONING_FIELDS = ("reasoning_content", "reasoning")
# The pool looks at every idle connection, by a call of the system each, whenever a request begins or ends.
_LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=20)


class OpenAIModel(ChatOpenAI):
    """A chat model whose stream is whole, or ends in a `ModelError` that keeps the text so far; make it with `connect`.

    The error's `emitted` tells whether anything was passed on before it. An answer that broke off before that is asked
    for again (`max_retries` times), as are 429 and 5xx, with the delay that the server names.
    """

    retry_delay_seconds: float = 0.5
    """The first pause before a broken answer is asked for again; it doubles."""

    _endpoint: Endpoint = PrivateAttr()
    _clients: LoopClients | None = PrivateAttr(default=None)
    _reasoning_field: str = PrivateAttr(default=_REASONING_FIELDS[0])

    @classmethod
    def connect(
        cls,
        name: str,
        *,
        base_url: str,
        api_key: str,
        silence_seconds: float = 120.0,
        max_retries: int = 2,
        retry_delay_seconds: float = 0.5,
        cheap_stream: bool = True,
    ) -> Self:
        """The model of that name on that server.

        Args:
            name: The model's name, as the server knows it.
            base_url: Where `/chat/completions` lies.
            api_key: Sent as bearer token.
            silence_seconds: How long the server may say nothing, before its answer or within it.
            max_retries: How often a failed request, or an answer that broke before its first word, is tried again.
            retry_delay_seconds: The first pause before a broken answer is asked for again.
            cheap_stream: `False` takes the SDK's own stream: the same answers at several times the CPU.
        """

        def build() -> openai.AsyncOpenAI:
            timeout = openai.Timeout(silence_seconds, connect=min(_CONNECT_SECONDS, silence_seconds))
            return openai.AsyncOpenAI(
                api_key=api_key,
                base_url=base_url,
                timeout=timeout,
                max_retries=max_retries,
                # The SDK's own client would try to close itself, when dropped, in a loop that is not its own.
                http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, limits=_LIMITS),
            )

        clients = LoopClients(build) if cls.takes_clients() else None
        cheap = cheap_stream and clients is not None
        model = cls(
            model=name,
            base_url=base_url,
            api_key=SecretStr(api_key),
            timeout=silence_seconds,
            stream_usage=True,
            use_responses_api=False,
            # EventStream watches for silence itself: langchain-openai's watch costs a task per chunk on Python 3.11.
            stream_chunk_timeout=None if cheap else silence_seconds,
            max_retries=max_retries,
            retry_delay_seconds=retry_delay_seconds,
            **(_client_fields(clients, silence_seconds if cheap else None) if clients else {}),
        )
        model._endpoint = Endpoint(name, base_url, api_key)
        model._clients = clients
        return model

    @classmethod
    def takes_clients(cls) -> bool:
        """Whether ChatOpenAI still lets its clients be replaced; else the model runs on its own, slower ones."""
        return cls.model_fields.keys() >= _CLIENT_FIELDS

    async def aclose(self) -> None:
        """Closes the connections that the running event loop holds open."""
        if self._clients is not None:
            await self._clients.aclose()

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        for attempt in range(self._attempts):
            progress = Progress()
            try:
                answer: AsyncGenerator[ChatGenerationChunk] = super()._astream(*args, **kwargs)  # pyright: ignore
                async with aclosing(answer) as chunks:
                    async for chunk in chunks:
                        if progress.note(chunk):
                            yield chunk
                if _is_whole(progress):
                    return
                raise cut_off(self._endpoint, progress=progress)
            except (*TRANSPORT_FAILURES, ModelError) as error:
                if _is_whole(progress):  # the connection broke behind the answer
                    return
                if not self._may_retry(error, progress, attempt):
                    raise self._failure(error, progress) from error
            await asyncio.sleep(self.retry_delay_seconds * 2**attempt)

    @property
    def _attempts(self) -> int:
        return (self.max_retries or 0) + 1

    def _may_retry(self, error: Exception, progress: Progress, attempt: int) -> bool:
        # Failures before the answer began were tried again by the SDK already.
        broke = isinstance(error, BrokenStream | ModelError)
        return broke and not progress.emitted and attempt + 1 < self._attempts

    def _failure(self, error: Exception, progress: Progress) -> ModelError:
        if isinstance(error, ModelError):
            failure = error
        else:
            failure = model_failure(error, endpoint=self._endpoint, progress=progress)
        failure.emitted = progress.emitted
        return failure

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        return await collect(self._astream(*args, **kwargs))

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError(SYNC_REFUSAL)

    def _stream(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(SYNC_REFUSAL)

    def _get_request_payload(self, input_: LanguageModelInput, **kwargs: Any) -> dict[str, Any]:
        """As langchain-openai builds it, with the thoughts that this server sent beside its calls."""
        payload: dict[str, Any] = super()._get_request_payload(input_, **kwargs)  # pyright: ignore
        for message, sent in zip(self._convert_input(input_).to_messages(), payload.get("messages", ()), strict=False):
            if isinstance(message, AIMessage) and (thoughts := message.additional_kwargs.get("reasoning_content")):
                sent[self._reasoning_field] = thoughts
        return payload

    def _convert_chunk_to_generation_chunk(self, chunk: Event, *args: Any, **kwargs: Any) -> ChatGenerationChunk | None:
        """As langchain-openai does, and keeps the reasoning text that other servers than OpenAI's send."""
        generation = super()._convert_chunk_to_generation_chunk(chunk, *args, **kwargs)  # pyright: ignore
        field, reasoning = _reasoning_of(chunk)
        if reasoning:
            self._reasoning_field = field
        if reasoning and generation is not None and isinstance(generation.message, AIMessageChunk):
            generation.message.additional_kwargs["reasoning_content"] = reasoning
        return generation


def _client_fields(clients: LoopClients, silence_seconds: float | None) -> dict[str, Any]:
    """The clients that ChatOpenAI would build for itself; with `silence_seconds` they stream events as dicts."""
    if silence_seconds is None:
        completions = LoopCompletions(clients)
    else:
        completions = EventCompletions(clients, silence_seconds=silence_seconds)
    # Given as `client` too, so that no synchronous client is built that nobody uses.
    return {"client": clients, "root_async_client": clients, "async_client": completions}


def _is_whole(progress: Progress) -> bool:
    return progress.finish_reason not in (None, "error")


def _reasoning_of(chunk: Event) -> tuple[str, str]:
    """The field in which the server tells its thoughts, and the thought; empty when there is none."""
    choices = chunk.get("choices")
    delta: Event = (choices[0].get("delta") or Event()) if choices else Event()
    field = next((name for name in _REASONING_FIELDS if delta.get(name)), "")
    reasoning = delta.get(field)
    return field, reasoning if isinstance(reasoning, str) else ""
