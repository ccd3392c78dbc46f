"""Embeddings behind an OpenAI-compatible API, on langchain-openai."""

from __future__ import annotations

from typing import Any

import openai
from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from saga_agent.errors import ModelRejected
from saga_agent.models.connections import LoopClients
from saga_agent.models.failures import TRANSPORT_FAILURES, Endpoint, model_failure
from saga_agent.models.progress import Progress
from saga_agent.models.servers import ServedModel

_TIMEOUT_SECONDS = 60.0
_CONNECT_SECONDS = 10.0


class ServedEmbeddings(Embeddings):
    """Embeddings of a server; what goes wrong on the way is a `ModelError`. Only for async code."""

    def __init__(self, served: ServedModel) -> None:
        self.model = served.name
        self._endpoint = Endpoint(served.name, served.base_url, served.api_key)
        self._clients = LoopClients(lambda: _connect(served))
        client = _LoopEmbeddings(self._clients)
        self._inner = OpenAIEmbeddings(
            model=served.name,
            base_url=served.base_url,
            api_key=SecretStr(served.api_key),
            # Passages are short. Their length would be checked with OpenAI's tokens, fetched from the network, and sent
            # as numbers, which other servers than OpenAI's do not take.
            check_embedding_ctx_length=False,
            # Given as `client` too, so that no synchronous client is built that nobody uses.
            client=client,
            async_client=client,
        )

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        try:
            vectors = await self._inner.aembed_documents(texts)
        except TRANSPORT_FAILURES as error:
            raise model_failure(error, endpoint=self._endpoint, progress=Progress()) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelRejected(f"{self._endpoint} answered with something that is no embeddings.") from error
        return vectors

    async def aembed_query(self, text: str) -> list[float]:
        return (await self.aembed_documents([text]))[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        raise NotImplementedError("These embeddings are asked in async code: await aembed_documents(...).")

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError("These embeddings are asked in async code: await aembed_query(...).")

    async def aclose(self) -> None:
        """Closes the connections that the running event loop holds open."""
        await self._clients.aclose()


class _LoopEmbeddings:
    """Stands for `client.embeddings` of the running loop's client."""

    def __init__(self, clients: LoopClients) -> None:
        self._clients = clients

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clients.current().embeddings, name)


def _connect(served: ServedModel) -> openai.AsyncOpenAI:
    timeout = openai.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
    # The SDK's own client would try to close itself, when dropped, in a loop that is not its own.
    http_client = openai.DefaultAsyncHttpxClient(timeout=timeout)
    return openai.AsyncOpenAI(
        api_key=served.api_key, base_url=served.base_url, timeout=timeout, http_client=http_client
    )
