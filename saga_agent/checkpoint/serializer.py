"""The serializer of checkpoints: it rebuilds only types that were named beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer


def strict_serializer(allow: Sequence[type] = ()) -> JsonPlusSerializer:
    """A msgpack serializer for LangGraph's and LangChain's own types, plain Python values, and the types in `allow`.

    LangGraph's default imports and calls whatever a stored checkpoint names. Here a value of a type that is not
    listed comes back as the plain data it was stored as: a pydantic model or dataclass as a dict, an enum as its
    value. No error is raised; a warning is logged once per type.
    """
    return JsonPlusSerializer(allowed_msgpack_modules=list[tuple[str, ...] | type](allow))
