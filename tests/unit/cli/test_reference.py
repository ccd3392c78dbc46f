"""The page of the command line in docs/ is what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

from saga_agent.cli.reference import command_line_reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"


def test_the_page_in_the_documentation_is_fresh():
    remedy = "run 'python -m saga_agent.cli.reference docs/reference/command-line.md' and commit the page"

    assert PAGE.read_text(encoding="utf-8") == command_line_reference(), remedy


def test_every_command_has_its_section_and_an_example():
    sections = command_line_reference().split("\n## ")[1:]

    assert {"`saga demo`", "`saga serve`", "`saga runs`"} <= {section.partition("\n")[0] for section in sections}
    for command in (part for section in sections for part in section.split("\n### ")):
        assert "```text" not in command or "Example: saga " in command, command.partition("\n")[0]
