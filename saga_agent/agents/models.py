"""The models of the agents: each has its own, or the app's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from saga_agent.agents.agent import Agent
from saga_agent.audiences import without_passwords
from saga_agent.models.resolution import resolve_model


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A chat model, and the name by which its price is looked up."""

    name: str
    model: BaseChatModel


@dataclass(frozen=True, slots=True)
class AgentModels:
    """Who speaks for which agent."""

    default: NamedModel | None
    own: Mapping[str, NamedModel]

    @classmethod
    def resolve(cls, default: str | BaseChatModel | None, agents: Iterable[Agent]) -> AgentModels:
        """The models that these specifications name; `InvalidInput` for one that names none."""
        own = {agent.name: _named(agent.model) for agent in agents if agent.model is not None}
        return cls(None if default is None else _named(default), own)

    def find(self, agent: str) -> NamedModel | None:
        """The agent's model; None when neither it nor the app has one."""
        return self.own.get(agent, self.default)

    async def close(self) -> None:
        """Lets go of connections; models that hold some per event loop, such as ours, have an `aclose`."""
        every = {id(each.model): each.model for each in (*self.own.values(), *([self.default] if self.default else []))}
        for model in every.values():
            close: Callable[[], Awaitable[None]] | None = getattr(model, "aclose", None)
            if close is not None:
                await close()


def _named(spec: str | BaseChatModel) -> NamedModel:
    model = resolve_model(spec)
    return NamedModel(without_passwords(spec) if isinstance(spec, str) else _name_of(model), model)


def _name_of(model: BaseChatModel) -> str:
    given = getattr(model, "model_name", None)
    return given if isinstance(given, str) and given else type(model).__name__
