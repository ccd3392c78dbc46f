"""The checks over whole stories: what they find in the sample, and what they leave in peace."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from saga_agent.agents.agent import build_agents
from saga_agent.analyses.consistency.claims import Claim
from saga_agent.formats.manuscript import read_manuscript
from saga_agent.samples.story import load_sample_bible, sample_manuscript_path
from tests.unit.formats.test_real_novels import novel
from tests.unit.tools.story.bench import Bench

CAST = """Alice|White Rabbit|Dinah|Duchess|Cheshire Cat|Hatter|March Hare|Dormouse|Queen of Hearts|King of Hearts|Knave
of Hearts|Gryphon|Mock Turtle|Caterpillar|Bill|Mouse|Dodo|Pat|Cook""".replace("\n", " ").split("|")


async def import_sample(bench: Bench) -> None:
    bible = load_sample_bible()
    ids: dict[str, str] = {}
    for each in bible.entities:
        aliases = [{"text": alias} for alias in each.aliases]
        ids[each.id] = await bench.entity(each.name, each.type, aliases=aliases, fields=each.fields)
    for each in bible.facts:
        if each.when is None:
            holder = ids[each.holder] if each.holder else None
            await bench.fact(ids[each.subject], each.predicate, each.value, truth=each.truth, holder_id=holder)
    for number, chapter in enumerate(read_manuscript(sample_manuscript_path()).chapters, 1):
        await bench.chapter(number, chapter.text, title=chapter.title)


async def test_the_sample_story_has_its_contradiction_its_namesakes_and_nothing_else(bench: Bench) -> None:
    await import_sample(bench)

    found = (await bench.call("find_issues")).findings

    assert Counter(each.code for each in found) == {"fact.contradiction": 1, "alias.clash": 2}
    assert "grey" in found[0].message
    assert "brown" in found[0].message


async def test_alice_with_her_cast_gives_no_false_alarm(bench: Bench) -> None:
    for name in CAST:
        await bench.entity(name)
    book = read_manuscript(novel("11_alices_adventures_in_wonderland"))
    for number, chapter in enumerate(book.chapters, 1):
        story = {"start": {"earliest": number, "latest": number}}
        await bench.chapter(number, chapter.text, title=chapter.title, story=story)

    assert [each.message for each in (await bench.call("find_issues")).findings] == []
    ninth = await bench.story.documents.resolve(bench.project_id, "9")
    text = book.chapters[8].text.replace("the Gryphon said", "the Gryphom said", 1)
    assert "Gryphom" in text
    await bench.story.documents.update(bench.project_id, ninth.id, text=text)
    assert [each.data["known"] for each in (await bench.call("find_issues")).findings] == ["Gryphon"], "a planted slip"


class Reader:
    """Reads one claim out of whatever it is given."""

    async def extract(self, text: str, *, names: Sequence[str]) -> Sequence[Claim]:
        return [Claim(subject="Watson", predicate="first name", value="James", quote="sent James off to bed?")]


async def test_the_slip_that_calls_watson_james_is_found_by_its_claim(bench: Bench) -> None:
    book = read_manuscript(novel("1661_the_adventures_of_sherlock_holmes"))
    text = next(chapter.text for chapter in book.chapters if "James off" in " ".join(chapter.text.split()))
    watson = await bench.entity("Watson")
    john = await bench.fact(watson, "first name", "John")
    await bench.chapter(6, text)

    (found,) = (await bench.with_context(extractor=Reader()).call("check_consistency", document="6")).findings

    assert (found.code, found.subjects) == ("fact.contradiction", (watson,))
    assert "James" in found.message
    assert "John" in found.message
    assert getattr(found.evidence[1], "fact_id", None) == john


def random_text(rng: random.Random) -> str:
    pieces = [
        "Mira",
        "Tam",
        "said",
        '"',
        "“",
        "”",
        ".",
        "\n\n",
        " ",
        "she",
        "felt",
        "***",
        "é",
        "\0",
        "😀",
        "drew",
        "Blade",
    ]
    return "".join(rng.choice(pieces) + rng.choice(["", " "]) for _ in range(rng.randrange(60)))


async def test_any_text_is_answered(bench: Bench) -> None:
    rng = random.Random(5)
    await bench.entity("Mira", existence=[{"end": {"earliest": 5, "latest": 5}}])
    await bench.entity("Blade", "item", fields={"custody": [{"holder": "Mira"}]})
    for _ in range(150):
        text, day = random_text(rng), rng.randrange(10)
        for result in (
            await bench.call("clarity_check", text=text),
            await bench.call("check_consistency", text=text, as_of={"day": day}),
            await bench.call("name_generator", kind="item", starts_with=text[:3], seed_names=text.split(), seed=day),
            await bench.call("search_images", query=text),
        ):
            refused = str((result.error or {}).get("code"))
            assert result.ok or refused == "invalid_argument", result.error
        for finding in (await bench.call("clarity_check", text=text)).findings:
            for place in finding.evidence:
                assert text[place.start : place.end] == place.quote  # pyright: ignore


def test_who_only_criticises_can_check_and_not_waive() -> None:
    tools = {agent.name: set(agent.tools) for agent in build_agents()}

    assert {"check_consistency", "find_issues", "clarity_check"} <= tools["draft"] & tools["revise"]
    assert "waive_finding" in tools["draft"]
    assert "waive_finding" not in tools["revise"]
