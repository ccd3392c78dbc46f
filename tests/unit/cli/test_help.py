"""Help is quick to come, and shows how to begin."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMANDS = [
    ("demo",),
    ("import",),
    ("export",),
    ("detect",),
    ("check",),
    ("chat",),
    ("answer",),
    ("audit",),
    ("grants", "ls"),
    ("grants", "revoke"),
    ("serve",),
    ("projects", "ls"),
    ("projects", "rm"),
    ("threads", "ls"),
    ("threads", "show"),
    ("runs", "ls"),
    ("runs", "show"),
    ("runs", "stop"),
    ("runs", "resume"),
    ("streams", "ls"),
    ("streams", "show"),
    ("tools", "ls"),
    ("tools", "show"),
    ("tools", "explain"),
    ("db", "upgrade"),
    ("db", "current"),
    ("db", "check"),
]
HEAVY = ("pydantic", "rich", "sqlalchemy", "langgraph", "langchain_core", "httpx", "asyncio", "saga_agent.domain")


def test_the_help_lists_every_command_on_a_line_that_is_not_cut(saga):
    help_ = saga("--help")

    assert help_.code == 0
    listed = help_.out[help_.out.index("Commands:") :]
    assert {command[0] for command in COMMANDS} <= set(listed.split())
    assert "..." not in listed


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_says_what_it_does_and_gives_an_example(saga, command):
    help_ = saga(*command, "--help")

    assert help_.code == 0
    assert f"Example: saga {' '.join(command)}" in help_.out


def test_a_group_without_a_verb_shows_its_verbs(saga):
    shown = saga("runs")

    assert "show" in shown.out + shown.err
    assert shown.code == 2


def test_the_help_loads_nothing_heavy():
    program = (
        "import sys\nfrom saga_agent.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = set(done.stderr.split())
    assert "Usage: saga" in done.stdout
    assert [name for name in HEAVY if name in loaded] == []


def test_the_version_is_printed(saga):
    assert saga("--version").out.startswith("saga-agent ")


def test_an_unknown_option_is_wrong_use(saga):
    outcome = saga("chat", "--bogus")

    assert outcome.code == 2
    assert "No such option: --bogus" in outcome.err
