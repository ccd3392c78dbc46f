"""Captures: notes, clips and images a writer collected; images lie in the journal by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from saga_agent.domain.blob import StoredBlob
from saga_agent.domain.notes import Capture
from saga_agent.errors import InvalidInput, StorageFull
from saga_agent.formats.image_header import read_image_header
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Blobs
from saga_agent.story.access import OwnerPorts
from saga_agent.story.records import RecordService

MAX_IMAGE_BYTES = 20_000_000
MAX_IMAGE_PIXELS = 50_000_000
"""Larger images are refused before anybody decodes them."""


class CaptureService(RecordService[Capture, Capture]):
    """The captures of one owner's projects."""

    def __init__(self, access: OwnerPorts, blobs: Blobs) -> None:
        super().__init__(access, access.ports.captures, Capture, "cap")
        self._blobs = blobs

    async def add(
        self,
        project_id: str,
        *,
        title: str = "",
        text: str = "",
        image: bytes | None = None,
        licence: str = "",
        attribution: str = "",
        tags: Sequence[str] = (),
        entity_ids: Sequence[str] = (),
    ) -> Capture:
        """Stores a note, or an image as PNG, JPEG, GIF or WebP; the same image again is one capture.

        Raises: `InvalidInput` for bytes that are no image, or more than 20 MB or 50 megapixels; `AlreadyExists` for
            an image that is there with other words; `StorageFull`.
        """
        words = {"title": title, "text": text, "licence": licence, "attribution": attribution}
        about = {"tags": tuple(tags), "entity_ids": tuple(entity_ids)}
        if image is None:
            return await self.create(project_id, kind="note", **words, **about)
        await self._access.project(project_id)
        media_type = _check_image(image)
        sha256 = hashlib.sha256(image).hexdigest()
        await self._blobs.put(project_id, sha256, media_type, image)
        capture_id = derived_id("cap", project_id, sha256)
        try:
            return await self.create(
                project_id, id=capture_id, kind="image", sha256=sha256, media_type=media_type, **words, **about
            )
        except StorageFull:
            await self.forget_bytes(project_id, sha256)
            raise

    async def image(self, project_id: str, capture_id: str) -> StoredBlob:
        """The bytes of an image; `NotFound`, `InvalidInput` for a capture that holds none."""
        capture = await self.get(project_id, capture_id)
        if capture.sha256 is None:
            raise InvalidInput(f"Capture {capture_id!r} is a {capture.kind} and holds no image.")
        return await self._blobs.get(project_id, capture.sha256)

    async def _deleted(self, record: Capture) -> None:
        if record.sha256 is None or self._access.log is not None:
            return  # what the history holds can be taken back, and needs its bytes then
        await self.forget_bytes(record.project_id, record.sha256)

    async def forget_bytes(self, project_id: str, sha256: str) -> None:
        """Removes the bytes, unless a capture holds them."""
        async for other in self.all(project_id):
            if other.sha256 == sha256:
                return
        await self._blobs.delete(project_id, sha256)


def _check_image(data: bytes) -> str:
    """The media type of an image that may be taken."""
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInput(f"The image has {len(data):,} bytes; up to {MAX_IMAGE_BYTES:,} are taken.")
    header = read_image_header(data)
    if header.pixels > MAX_IMAGE_PIXELS:
        raise InvalidInput(
            f"The image has {header.width} x {header.height} pixels; up to {MAX_IMAGE_PIXELS:,} are taken."
        )
    return header.media_type
