"""What a chain of agents may do, each called by the one before."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.agents.agent import Agent
from saga_agent.agents.delegate import DELEGATE
from saga_agent.tools.policy import Policy


def policy_along(policy: Policy, agents: Sequence[Agent]) -> Policy:
    """The policy for the last of these agents: the app's, what each agent above it may do, and its own rules.

    It is computed for each attempt and never stored, so a rule that is changed holds for subagents at once.
    """
    *above, agent = agents
    for each in above:
        policy = policy.with_parent(
            f"agent {each.name}", each.rules, holds=(*each.tools, DELEGATE), delegates=each.delegates
        )
    return policy.with_layer(f"agent {agent.name}", agent.rules)
