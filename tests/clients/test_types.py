"""The published TypeScript types, as a compiler takes them beside the AI SDK's own."""

from __future__ import annotations

import subprocess

import pytest

from tests.clients.playing import HERE, install


@pytest.mark.slow
def test_a_page_is_written_against_the_published_types():
    """Its `@ts-expect-error` lines fail, too, where the types are too wide to find a mistake."""
    install()
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--moduleResolution", "bundler"]
    command = ["node", "node_modules/typescript/bin/tsc", *options, "--module", "esnext", "types/page.ts"]

    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout
