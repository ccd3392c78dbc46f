"""The cheap way to an OpenAI-compatible stream: each event's JSON as a dict, over the OpenAI client's own transport.

The SDK builds every chunk as a model in pure Python and langchain-openai dumps it back into the dict it was; together
they cost several times the parsing. `EventCompletions` stands in the place of `client.chat.completions` and yields the
dicts. Requests, retries of 429 and 5xx, and errors before the first event stay the SDK's.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from typing import Any, Literal, Self, cast

import httpx
import httpx2
import openai

from saga_agent.models.connections import LoopClients, LoopCompletions
from saga_agent.models.inflow import Inflow
from saga_agent.models.repair import Event, EventRepair
from saga_agent.models.sse import EventDecoder

_DRAIN_SECONDS = 0.5
_REQUEST_OPTIONS = {
    "extra_headers": "headers",
    "extra_query": "params",
    "extra_body": "extra_json",
    "timeout": "timeout",
}


class BrokenStream(Exception):
    """A stream that broke after the server had begun to answer."""

    def __init__(self, how: Literal["cut", "silent", "malformed"], detail: str) -> None:
        self.how, self.detail = how, detail
        super().__init__(detail)


class EventCompletions(LoopCompletions):
    """`client.chat.completions` whose streams yield dicts; everything else is the SDK's."""

    def __init__(self, clients: LoopClients, *, silence_seconds: float) -> None:
        super().__init__(clients)
        self._silence_seconds = silence_seconds
        self._server_knows_stream_options = True

    async def create(self, **payload: Any) -> Any:
        """An `EventStream` when `stream` is asked for, else what the SDK returns."""
        if not payload.get("stream"):
            completions: Any = self._clients.current().chat.completions
            return await completions.create(**payload)
        if not self._server_knows_stream_options:
            payload.pop("stream_options", None)
        try:
            response = await self._post(payload)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if "stream_options" not in payload or "stream_options" not in str(error):
                raise
            self._server_knows_stream_options = False
            return await self.create(**payload)
        names = [tool.get("function", {}).get("name", "") for tool in payload.get("tools", ())]
        return EventStream(response, silence_seconds=self._silence_seconds, tools=names)

    async def _post(self, payload: dict[str, Any]) -> httpx2.Response:
        options = {option: payload[name] for name, option in _REQUEST_OPTIONS.items() if name in payload}
        body = {name: value for name, value in payload.items() if name not in _REQUEST_OPTIONS}
        post: Any = self._clients.current().post
        # httpx.Response is the SDK's spelling for "the response as it is"; `create` would first walk the whole body
        # through its type annotations (11 ms of CPU for 80 messages).
        return await post("/chat/completions", cast_to=httpx.Response, body=body, options=options, stream=True)


class EventStream:
    """The events of one answer; `async with` closes the response.

    Text deltas that have arrived by the time they are asked for come out as one event: a slow answer streams word by
    word; a fast one, or one that waits for a busy process, costs less per word.
    """

    def __init__(self, response: httpx2.Response, *, silence_seconds: float, tools: Collection[str] = ()) -> None:
        self._response = response
        self._silence_seconds = silence_seconds
        self._repair = EventRepair(tools)
        self._inflow: Inflow | None = None
        self._iterator = self._events()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._inflow is not None:
            await self._inflow.aclose()
        await self._response.aclose()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._iterator

    async def _events(self) -> AsyncIterator[Event]:
        self._require_event_stream()
        async for payloads in self._payloads():
            events, failure = self._parse(payloads)
            for event in _merge_text(events):
                yield event
            if failure is not None:
                raise failure
        if self._repair.usage:
            yield {"choices": [], "usage": self._repair.usage}

    def _require_event_stream(self) -> None:
        kind = self._response.headers.get("content-type", "").partition(";")[0]
        if kind in ("text/html", "application/json"):
            raise openai.APIResponseValidationError(
                self._response,  # pyright: ignore[reportArgumentType]
                None,
                message=f"it sent {kind} instead of an event stream; does the base URL end in the API's path, as /v1?",
            )

    async def _payloads(self) -> AsyncIterator[list[str]]:
        """The data of the events that have arrived, time after time, up to `[DONE]`."""
        decoder = EventDecoder()
        self._inflow = Inflow(self._response.aiter_bytes())
        clock = asyncio.get_running_loop().time
        patience = self._silence_seconds
        while True:
            started = clock()
            data = await self._take(self._inflow, patience)
            payloads = decoder.feed(data)
            # Comments keep a connection alive but say nothing: only events count against silence.
            patience = self._silence_seconds if payloads else patience - (clock() - started)
            told = list(itertools.takewhile(lambda payload: not payload.startswith("[DONE]"), payloads))
            yield told
            if len(told) < len(payloads):
                await self._drain(self._inflow)
                return
            if not data:
                return

    async def _take(self, inflow: Inflow, patience_seconds: float) -> bytes:
        try:
            async with asyncio.timeout(patience_seconds):
                return await inflow.take()
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise BrokenStream("silent", f"nothing came for {self._silence_seconds:g} seconds") from error
        except httpx2.RequestError as error:
            raise BrokenStream("cut", "the connection was lost") from error

    async def _drain(self, inflow: Inflow) -> None:
        # HTTP/1.1 can use a connection again only once its body was read to the end.
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while await inflow.take():
                    pass
        except (TimeoutError, httpx2.RequestError):
            pass

    def _parse(self, payloads: list[str]) -> tuple[list[Event], Exception | None]:
        """The events of these payloads, and what is wrong with the one behind them."""
        events: list[Event] = []
        for payload in payloads:
            try:
                event = json.loads(payload)
                if error := _error_in(event):
                    return events, _stated_error(error, self._response)
                repaired = self._repair.apply(event)
            except (ValueError, AttributeError, LookupError, TypeError, RecursionError) as error:
                failure = BrokenStream("malformed", "it sent an event that is no chat completion chunk")
                failure.__cause__ = error
                return events, failure
            if repaired is not None:
                events.append(repaired)
        return events, None


def _error_in(event: Event) -> Any:
    """The error that an event states: of its own, in its choice, or in place of one."""
    if error := event.get("error"):
        return error
    if choices := event.get("choices"):
        return choices[0].get("error")
    return event if event.get("object") == "error" or ("choices" not in event and "message" in event) else None


def _stated_error(error: Any, response: httpx2.Response) -> openai.APIError:
    fields: Event = cast(Event, error) if isinstance(error, dict) else {"message": error}
    said = next((fields[name] for name in ("message", "detail", "error") if fields.get(name)), fields)
    message = said if isinstance(said, str) else json.dumps(said)
    return openai.APIError(message, response.request, body={**fields, "code": str(fields.get("code") or "")})


def _merge_text(events: Iterable[Event]) -> Iterator[Event]:
    """The events with runs of plain text deltas joined into their last one."""
    waiting: Event | None = None
    for event in events:
        if waiting is not None and not _is_text(event):
            yield waiting
            waiting = None
        if not _is_text(event):
            yield event
            continue
        if waiting is not None:
            joined = waiting["choices"][0]["delta"]["content"] + event["choices"][0]["delta"]["content"]
            event["choices"][0]["delta"]["content"] = joined
        waiting = event
    if waiting is not None:
        yield waiting


def _is_text(event: Event) -> bool:
    choice = event["choices"][0]
    return (
        isinstance(choice["delta"].get("content"), str)
        and choice["delta"].keys() <= {"content", "role"}
        and not choice.get("finish_reason")
        and not choice.get("logprobs")
    )
