"""Agents, subagents and their prompts."""
