"""The tutorial's blocks survive being pasted into the prompt that the page opens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.doc_blocks import read_blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial" / "first-turn.md"


def test_every_block_of_the_tutorial_can_be_pasted_into_the_prompt_it_opens(tmp_path: Path):
    pasted = "".join(f"{block.text}\n" for block in read_blocks(PAGE) if block.language == "python")

    told = subprocess.run(
        [sys.executable, "-m", "asyncio"],
        input=pasted + "print('the end')\n",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "Error" not in told.stderr
    assert "the end" in told.stdout
    assert "Haldor Venn ['the ferryman'] agent" in told.stdout
    assert "finished" in told.stdout
