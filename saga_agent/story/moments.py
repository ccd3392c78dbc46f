"""Points on the two axes as people name them: the scene, the chapter, the day."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.domain.time import AsOf, StoryInterval, TimeValue, When
from saga_agent.errors import NotFound
from saga_agent.story.documents import DocumentService


@dataclass(frozen=True, slots=True)
class Moment:
    """A point on both axes, as far as it is known."""

    start: TimeValue | None
    """Its story time."""
    reading_order: int | None

    @property
    def as_of(self) -> AsOf:
        """The point to look facts up at."""
        time = self.start
        known = None if time is None else time.earliest if time.earliest is not None else time.latest
        return AsOf(story_time=known, reading_order=self.reading_order)


class MomentService:
    """Resolves points in one owner's projects."""

    def __init__(self, documents: DocumentService) -> None:
        self._documents = documents

    async def resolve(self, project_id: str, when: When | None) -> Moment:
        """The point that is meant; None means no point at all.

        Raises: `NotFound` for a scene that does not exist, `AmbiguousReference` for a title of several.
        """
        if when is None:
            return Moment(None, None)
        start = None if when.day is None else TimeValue(earliest=when.day, latest=when.day)
        if when.scene is None:
            return Moment(start, when.reading_order)
        story, reading_order = await self._scene(project_id, when.scene)
        order = reading_order if when.reading_order is None else when.reading_order
        return Moment(start or (story.start if story else None), order)

    async def _scene(self, project_id: str, reference: str) -> tuple[StoryInterval | None, int]:
        try:
            head = await self._documents.resolve(project_id, reference)
        except NotFound:
            document = await self._documents.find(project_id, reference.rpartition(".")[0])
            scene = next((scene for scene in document.scenes if scene.id == reference), None) if document else None
            if document is None or scene is None:
                raise
            return scene.story or document.story, document.reading_order
        return head.story, head.reading_order
