"""The verbs over story records that hosts and tools call: checked input, owner and revision kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from saga_agent.domain.given_ids import check_given_id, shown
from saga_agent.domain.history import Change
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import Page, Record
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound, StorageFull
from saga_agent.ids import Kind, new_id
from saga_agent.storage.ports.story import MOST_CREATED
from saga_agent.story.access import OwnerPorts
from saga_agent.story.aftercare import Step
from saga_agent.story.changelog import reconcile
from saga_agent.story.storable import check_storable

R = TypeVar("R", bound=Record)
H = TypeVar("H", bound=Record)
_PAGE = 500


class _Port(Protocol[R, H]):
    """What the service needs of a port; `H` is what its lists hold (`R`, or a head of it)."""

    async def create(self, record: R) -> R: ...
    async def create_many(self, records: Sequence[R]) -> Sequence[R]: ...
    async def get(self, project_id: str, record_id: str) -> R: ...
    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[H]: ...
    async def update(self, record: R, *, expected_rev: int) -> R: ...
    async def delete(self, project_id: str, record_id: str) -> None: ...
    async def purge(self, project_id: str) -> None: ...


class RecordService(Generic[R, H]):
    """One story port, seen by one owner: `create`, `get`, `list`, `all`, `update`, `delete`."""

    def __init__(self, access: OwnerPorts, port: _Port[R, H], model: type[R], kind: Kind) -> None:
        self._access, self._port, self._model = access, port, model
        self._kind: Kind = kind

    async def create(self, project_id: str, **fields: Any) -> R:
        """Stores a new record of these fields; a fresh id is made unless one is given.

        A record that is there already with the same content is success: the stored one is given.

        Raises: `InvalidInput` naming the field, `NotFound` for the project, `AlreadyExists`, `StorageFull`.
        """
        await self._access.project(project_id)
        log = self._access.log
        made = {"provenance": log.author} if log else {}
        record = self._build({"id": new_id(self._kind), **made, **fields, "project_id": project_id})
        check_given_id(record.id, self._name)
        await self._check(None, record)
        change = await log.intend(self._name, None, record) if log else None
        try:
            stored, is_new = await self._port.create(record), True
        except AlreadyExists:
            stored, is_new = await self._port.get(project_id, record.id), False
            if stored.model_copy(update={"rev": record.rev}) != record:
                if log:
                    await log.void(change)
                raise
        except StorageFull:
            if log:
                await log.void(change)
            raise
        if is_new:
            await self._confirm(stored, change)
        if log:
            await log.done(change, stored.rev)
        if is_new:
            await self._follow(stored, lambda: self._stored(None, stored))
        return stored

    async def create_record(self, record: R) -> R:
        """Stores a new record that is built already, like `create`."""
        return await self.create(record.project_id, **record.model_dump(exclude={"project_id"}))

    async def create_many(self, project_id: str, records: Sequence[R]) -> Sequence[R]:
        """Stores new records that are built already, at most `MOST_CREATED` at a time, each time all or none.

        Those that are there already with the same content are success: they are given as they are stored. A record
        whose entity goes meanwhile is taken back, and told after the others are stored.

        Raises: as `create`; of `AlreadyExists` and `InvalidInput` the first.
        """
        await self._access.project(project_id)
        stored: list[R] = []
        for at in range(0, len(records), MOST_CREATED):
            stored += await self._create_batch(project_id, records[at : at + MOST_CREATED])
        return stored

    async def _create_batch(self, project_id: str, records: Sequence[R]) -> list[R]:
        built = [self._build({**each.model_dump(), "project_id": project_id}) for each in records]
        for record in built:
            check_given_id(record.id, self._name)
            await self._check(None, record)
        log = self._access.log
        changes = {each.id: await log.intend(self._name, None, each) for each in built} if log else {}
        try:
            there = await self._store_new(built)
        except (AlreadyExists, StorageFull):
            if log:
                for change in changes.values():
                    await log.void(change)
            raise
        dangling: InvalidInput | None = None
        stored: list[R] = []
        for record in built:
            kept, change = there.get(record.id, record), changes.get(record.id)
            try:
                if record.id not in there:
                    await self._confirm(kept, change)
            except InvalidInput as error:
                dangling = dangling or error
                continue
            if log:
                await log.done(change, kept.rev)
            if record.id not in there:
                await self._follow(kept, partial(self._stored, None, kept))
            stored.append(kept)
        if dangling is not None:
            raise dangling
        return stored

    async def _store_new(self, records: Sequence[R]) -> dict[str, R]:
        """Stores those that are not there yet, all or none; gives those that are, by id. `AlreadyExists`."""
        there: dict[str, R] = {}
        while fresh := [record for record in records if record.id not in there]:
            try:
                await self._port.create_many(fresh)
                break
            except AlreadyExists:
                found = [(each, await self._find(each.project_id, each.id)) for each in fresh]
                same = {
                    each.id: kept for each, kept in found if kept and kept.model_copy(update={"rev": each.rev}) == each
                }
                if not same or any(kept and each.id not in same for each, kept in found):
                    raise
                there |= same
        return there

    async def get(self, project_id: str, record_id: str) -> R:
        """The record; `NotFound`."""
        await self._access.project(project_id)
        return await self._port.get(project_id, record_id)

    async def find(self, project_id: str, record_id: str) -> R | None:
        """The record, if there is one; `NotFound` for the project only."""
        await self._access.project(project_id)
        return await self._find(project_id, record_id)

    async def _find(self, project_id: str, record_id: str) -> R | None:
        try:
            return await self._port.get(project_id, record_id)
        except NotFound:
            return None

    async def list(self, project_id: str, *, after: str | None = None, limit: int = 100, **where: str) -> Page[H]:
        """A page of the records that match the filters, e.g. `type="character"`."""
        await self._access.project(project_id)
        return await self._port.list(project_id, where=where, after=after, limit=limit)

    async def all(self, project_id: str, **where: str) -> AsyncIterator[H]:
        """All records that match, page by page."""
        await self._access.project(project_id)
        after: str | None = None
        while True:
            page = await self._port.list(project_id, where=where, after=after, limit=_PAGE)
            for item in page.items:
                yield item
            if page.next is None:
                return
            after = page.next

    async def update(self, project_id: str, record_id: str, *, expected_rev: int | None = None, **changes: Any) -> R:
        """Stores changed fields; without `expected_rev` on top of whatever is stored.

        A conflict whose stored record already is the wanted one is success.

        Raises: `InvalidInput`, `NotFound`, `Conflict`, `StorageFull`.
        """
        await self._access.project(project_id)
        if fixed := {"id", "project_id", "rev", "provenance"} & changes.keys():
            raise InvalidInput(f"{sorted(fixed)[0]!r} cannot be changed.")
        stored = await self._port.get(project_id, record_id)
        log = self._access.log
        if log:
            await reconcile(log.changes, project_id, record_id, stored)
        wanted = self._build({**stored.model_dump(), **changes})
        if wanted == stored:
            return stored
        await self._check(stored, wanted)
        if expected_rev is not None and expected_rev != stored.rev:
            raise Conflict(self._name, record_id, expected_rev=expected_rev, current_rev=stored.rev)
        updated = await self._write(stored, wanted)
        if self._hangs_on(updated) != self._hangs_on(stored):
            await self._confirm(updated, None)
        await self._follow(updated, lambda: self._stored(stored, updated))
        return updated

    async def delete(self, project_id: str, record_id: str) -> None:
        """Removes the record and what hangs on it, children first; may be repeated after a failure. `NotFound`."""
        await self._access.project(project_id)
        stored = await self._port.get(project_id, record_id)
        log = self._access.log
        change = await log.intend(self._name, stored, None) if log else None
        await self._deleting(stored, change)
        await self._port.delete(project_id, record_id)
        if log:
            await log.done(change, None)
        await self._follow(stored, lambda: self._deleted(stored))

    async def _write(self, stored: R, wanted: R) -> R:
        log = self._access.log
        if log is None:
            return await self._port.update(wanted, expected_rev=stored.rev)
        change = await log.intend(self._name, stored, wanted)
        try:
            updated = await self._port.update(wanted, expected_rev=stored.rev)
        except (Conflict, StorageFull):
            await log.void(change)
            raise
        await log.done(change, updated.rev)
        return updated

    async def _follow(self, record: R, step: Step) -> None:
        about = f"{self._name} {record.id}"
        await self._access.aftercare.do(record.project_id, about, step, later=self._later(record, step))

    async def _check(self, before: R | None, after: R) -> None:
        """Raises what stands against storing the record, before anything is stored; `InvalidInput`."""
        held = self._hangs_on(before) if before is not None else ()
        for entity_id in self._hangs_on(after):
            if entity_id not in held and not await self._is_entity(after.project_id, entity_id):
                raise self._dangling(entity_id)

    async def _confirm(self, record: R, change: Change | None) -> None:
        """Takes the record back, and raises, where an entity it hangs on went while it was stored.

        An entity is removed before what hangs on it is looked for a last time, so one of the two sees the other.
        """
        for entity_id in self._hangs_on(record):
            if not await self._is_entity(record.project_id, entity_id):
                with suppress(NotFound):
                    await self._port.delete(record.project_id, record.id)
                if self._access.log is not None:
                    await self._access.log.void(change)
                raise self._dangling(entity_id)

    async def _is_entity(self, project_id: str, entity_id: str) -> bool:
        try:
            await self._access.ports.entities.get(project_id, entity_id)
        except NotFound:
            return False
        return True

    def _dangling(self, entity_id: str) -> InvalidInput:
        return InvalidInput(
            f"This {self._name} cannot be stored: its project has no entity {shown(entity_id)}; make that first."
        )

    def _hangs_on(self, record: R) -> Collection[str]:
        """The ids of the entities without which the record means nothing, and with which it goes."""
        return ()

    def _later(self, record: R, step: Step) -> Step:
        """What is owed for a step of upkeep that failed."""
        return step

    async def _stored(self, before: R | None, after: R) -> None:
        """Upkeep after a create (`before` is None) or an update; may be repeated, and later."""

    async def _deleting(self, record: R, change: Change | None) -> None:
        """Removes what hangs on the record, before it goes; where changes are kept, as part of that one."""

    async def _deleted(self, record: R) -> None:
        """Upkeep after the record is gone; may be repeated, and later."""

    @property
    def _name(self) -> str:
        return self._model.__name__.lower()

    def _build(self, fields: Mapping[str, Any]) -> R:
        check_storable(self._name, fields)
        try:
            return self._model.model_validate(fields)
        except ValidationError as error:
            raise InvalidInput(sentence_of(self._name, error)) from None


def sentence_of(name: str, error: ValidationError) -> str:
    """Which field of that kind of record cannot be stored, and why."""
    return f"This {name} cannot be stored: {misfit(error, within='it')}."
