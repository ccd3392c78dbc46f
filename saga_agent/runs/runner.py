"""Executing runs: one task per run takes it, keeps its lease, drives the graph, and pauses or ends it.

Everything a runner does to a run carries the run's epoch, so one that was overtaken can do no harm. Readers that
leave change nothing here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from saga_agent.clock import Clock
from saga_agent.domain.journal import END_STATES, LIVE_STATES, Run, Usage
from saga_agent.errors import RunBusy, RunError, SagaError, StaleEpoch
from saga_agent.graphs.account import STOPPED_BY_WRITER, TurnStopped
from saga_agent.graphs.driver import TurnDriver
from saga_agent.graphs.state import TurnContext
from saga_agent.runs.ending import Ender, Ending, Retention, failure_of
from saga_agent.runs.lease import Lease, LeaseKeeper, LeaseTimes
from saga_agent.runs.lease_clock import LeaseClock
from saga_agent.runs.line import Line
from saga_agent.runs.owner import is_at_work, is_dead
from saga_agent.runs.turns import TurnFactory
from saga_agent.storage.patience import insist, patient
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream

_log = logging.getLogger(__name__)
_STOPPED = Ending("stopped", STOPPED_BY_WRITER, "writer")
MAX_ATTEMPTS = 20
"""How often a run is begun that neither ends nor waits: one that kills its process must not kill every process."""
_HOPELESS = Ending(
    "failed", f"it was begun {MAX_ATTEMPTS} times and never came to an end; mend the cause and resume it", "process"
)
_PATIENCE_LEASES = 4
"""For how many leases more a run is left to a process that lives, but does not renew: it is busy, or halted."""
_LOST = Ending("stopped", "the run that called it has ended", "other")


class Runner:
    """Runs the turns of this process."""

    def __init__(
        self,
        driver: TurnDriver,
        turns: TurnFactory,
        journal: Journal,
        hub: StreamHub,
        clock: Clock,
        *,
        name: str,
        times: LeaseTimes,
        retention: Retention,
        live_turns: int,
        host_ports: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.lease_clock = LeaseClock(clock, journal.leases)
        """The clock that leases are told by."""
        self._driver, self._turns, self._journal, self._hub, self._clock = driver, turns, journal, hub, clock
        self._times, self._host_ports = times, tuple(host_ports)
        self._keeper = LeaseKeeper(journal.leases, self.lease_clock, times, runner=name)
        self._line = Line(live_turns, hub, clock)
        self._patient = patient(journal)
        self._ender = Ender(
            journal=journal, patient=self._patient, hub=hub, driver=driver, clock=clock, retention=retention
        )
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leases: dict[str, Lease] = {}
        self._again: set[str] = set()
        self._closing = False

    def claim(self, run: Run) -> Run:
        """The run as it is to be queued: this runner is its holder from the start, unless it is closed."""
        if self._closing:
            return run.model_copy(update={"host_ports": self._host_ports})
        until = self.lease_clock.now() + self._times.lease_seconds
        return run.model_copy(update={"runner": self.name, "lease_until": until, "host_ports": self._host_ports})

    def can_run(self, run: Run) -> bool:
        """Whether this process has what the run needs: a model, and the host's own story ports."""
        return self._turns.models.find(run.agent) is not None and set(run.host_ports) <= set(self._host_ports)

    def start(self, run: Run) -> None:
        """Begins or resumes the run in a task of its own; a run that is under way here is looked at again after.

        Without what it needs, the run is left to a process that has that.
        """
        if not self.can_run(run):
            return
        if run.id in self._tasks:
            self._again.add(run.id)
        else:
            self._begin(run, self._attempt)

    def take_up(self, run: Run) -> None:
        """Begins or resumes the run unless somebody is at work on it, as far as can be told from here."""
        if self.is_free(run):
            self.start(run)

    async def go_on(self, run_ids: Iterable[str]) -> None:
        """Goes on with runs that were answered, and with the runs above them, which wait for theirs.

        One that its holder was at work on takes the answer up when it pauses; of a dead holder it is taken over.
        """
        for run_id in run_ids:
            parent_id: str | None = run_id
            while parent_id is not None:
                run = await self._journal.runs.get(parent_id)
                if self._wants_a_runner(run):
                    self.start(run)
                parent_id = run.parent_run_id

    def _wants_a_runner(self, run: Run) -> bool:
        if run.state == "running":
            return not self.holds(run.id) and self.is_free(run)
        return run.state not in END_STATES and (self.holds(run.id) or self.is_free(run))

    def seal(self, run: Run, ending: Ending) -> None:
        """Takes a run that nobody is at work on and ends it so, keeping what it wrote."""
        if run.id not in self._tasks:
            self._begin(run, lambda run, _: self._end(run, None, ending))

    async def stop(self, run: Run) -> None:
        """Ends the run as stopped, and returns then; a runner in another process has seen the wish, or will."""
        if lease := self._leases.get(run.id):
            lease.stop()
        elif self.is_free(run):
            self.seal(run, _STOPPED)
        await self.wait(run.id)

    def holds(self, run_id: str) -> bool:
        """Whether the run is under way here."""
        return run_id in self._tasks

    def is_free(self, run: Run) -> bool:
        """Whether nobody is at work on that live run, as far as can be told from here."""
        if run.id in self._tasks:
            return False
        return run.state == "waiting" or self._is_left(run) or self._is_over(run)

    async def wait(self, run_id: str) -> None:
        """Returns when the run is not under way here."""
        while task := self._tasks.get(run_id):
            await asyncio.wait([task])
            await asyncio.sleep(0)

    def open(self) -> None:
        """Takes up runs again, after `close`."""
        self._closing = False

    async def close(self) -> None:
        """Lets go of all runs; their leases are given back, so that another runner can go on at once.

        Runs that are sent from now on stay queued, for whoever opens the storage next.
        """
        self._closing, was_busy = True, bool(self._tasks)
        while tasks := list(self._tasks.values()):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)  # until those that are done are taken off the list
        if was_busy:
            await self._keeper.give_back()

    def _begin(self, run: Run, work: Callable[[Run, Lease], Awaitable[None]]) -> None:
        if self._closing:
            return  # the storage closes next
        self._hub.open(run.stream_id)  # at once, so that a reader who comes now waits for the first chunk
        lease = Lease(run)
        task = asyncio.create_task(self._execute(lease, work), name=f"run {run.id}")
        self._tasks[run.id], self._leases[run.id] = task, lease
        task.add_done_callback(lambda _: self._done(run))

    def _done(self, run: Run) -> None:
        del self._tasks[run.id], self._leases[run.id]
        if run.id in self._again and not self._closing:
            self._again.discard(run.id)
            self.start(run.model_copy(update={"runner": None, "state": "queued"}))  # it was let go of
        else:
            self._again.discard(run.id)
            self._hub.close(run.stream_id)

    async def _execute(self, lease: Lease, work: Callable[[Run, Lease], Awaitable[None]]) -> None:
        try:
            with self._keeper.hold(lease):
                async with self._line.place(lease):
                    if not lease.lost and await self._is_taken(lease):
                        await work(lease.run, lease)
        except StaleEpoch as error:
            _log.warning("%s", error)
        except asyncio.CancelledError:
            if not self._closing:
                await self._give_back(lease.run)
            raise
        except Exception:
            _log.exception("run %s could not be ended; a reaper takes it up", lease.run.id)

    async def _is_taken(self, lease: Lease) -> bool:
        """Whether the run is this runner's now; one that another has, or that cannot be taken, is left to others."""
        try:
            lease.take(await self._take(lease.run))
        except RunError as error:
            _log.debug("run %s was not taken: %s", lease.run.id, error)
            return False
        except SagaError as error:
            _log.warning("run %s could not be taken, a reaper will: %s", lease.run.id, error)
            await self._give_back(lease.run)
            return False
        return True

    async def _take(self, run: Run) -> Run:
        """The run as its holder has it; takes it from a process that is gone, or from a lost try of this one.

        Raises: `RunBusy` when another has it, or when it has come to wait since it was seen at work.
        """
        if run.state == "running":
            seen = await self._patient.runs.get(run.id)
            if seen.state == "waiting" and not seen.stop_requested:
                raise RunBusy(run.thread_id, run.id)
        try:
            return await insist(lambda: self._claim(run))
        except RunBusy:
            held = await self._journal.runs.get(run.id)
            if not self._is_left(held):
                raise
            await self._journal.runs.renew(run.id, epoch=held.epoch, lease_until=0.0)
            return await self._claim(run)

    async def _claim(self, run: Run) -> Run:
        now = self.lease_clock.now()
        until = now + self._times.lease_seconds
        return await self._journal.runs.take(run.id, runner=self.name, lease_until=until, now=now)

    def _is_left(self, run: Run) -> bool:
        # Under this runner's own name, too: who asks has made sure that it is not under way here.
        return run.runner == self.name or is_dead(run.runner)

    def _is_over(self, run: Run) -> bool:
        """Whether its lease is over; one of a process here that lives counts for longer, unless it was given back."""
        now = self.lease_clock.now()
        if run.lease_until > now:
            return False
        patience = _PATIENCE_LEASES * self._times.lease_seconds
        return run.lease_until == 0.0 or run.lease_until + patience <= now or not is_at_work(run.runner)

    async def _attempt(self, run: Run, lease: Lease) -> None:
        if over := await self._find_end(run, lease):
            return await self._end(run, None, over)
        stream: MessageStream | None = None
        turn: TurnContext | None = None
        try:
            is_new = run.epoch == 1  # nobody can have written to it
            stream = await insist(lambda: MessageStream.restore(run, self._journal.streams, self._hub, is_new=is_new))
            earlier = await self._ender.usage(run)
            turn = await self._turns.build(run, stream, earlier=earlier, take_up=self.take_up, claim=self.claim)
            paused = await self._drive(turn, lease)
        except StaleEpoch:
            raise
        except asyncio.CancelledError:
            if stream is not None:
                await stream.flush()  # this process ends; what was shown goes with the run to the next
            raise
        except Exception as error:
            if not isinstance(error, SagaError | TurnStopped):
                _log.exception("run %s failed", run.id)
            return await self._end(run, stream, _ending_of(error), turn.account.usage if turn else None)
        if paused is None and lease.lost:
            return stream.let_go()
        if paused is None or (paused and lease.stop_requested):
            return await self._end(run, stream, _STOPPED, turn.account.usage)
        if turn.stopped is not None:
            return await self._end(run, stream, _ending_of(turn.stopped), turn.account.usage)
        if paused:
            return await self._pause(run, stream, turn.account.usage)
        await self._end(run, stream, Ending("finished", finish_reason=turn.finish_reason), turn.account.usage)

    async def _find_end(self, run: Run, lease: Lease) -> Ending | None:
        """Why the run is over before anything is done."""
        if lease.stop_requested:
            return _STOPPED
        if (parent_id := run.parent_run_id) is not None:
            parent = await self._patient.runs.get(parent_id)
            if parent.state in END_STATES:
                return _LOST
        return _HOPELESS if run.attempts > MAX_ATTEMPTS else None

    async def _drive(self, turn: TurnContext, lease: Lease) -> bool | None:
        """Whether the graph paused; None when it was cut short by the lease. `TurnStopped` when its time is over."""
        work = asyncio.create_task(self._driver.advance(turn), name=f"graph of {turn.run.id}")
        ended: asyncio.Task[bool] = asyncio.create_task(lease.ended.wait())
        limits: list[asyncio.Task[bool]] = [ended]
        if (seconds := turn.account.budget.seconds) is not None:
            limits.append(asyncio.create_task(self._sleep(seconds)))
        try:
            await asyncio.wait({work, *limits}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and not ended.done():
                raise TurnStopped("time", f"the budget of {seconds:g} seconds is used up")
            return work.result() if work.done() else None
        finally:
            for task in (work, *limits):
                task.cancel()
            await asyncio.gather(work, *limits, return_exceptions=True)

    async def _sleep(self, seconds: float) -> bool:
        await self._clock.sleep(seconds)
        return True

    async def _pause(self, run: Run, stream: MessageStream, usage: Sequence[Usage]) -> None:
        await stream.end_step()
        await stream.flush()
        run = await self._patient.runs.pause(run.id, epoch=run.epoch, parts=stream.parts, usage=usage)
        if run.state == "queued" or run.stop_requested:
            self._again.add(run.id)  # answered, or stopped, while other calls were still at work

    async def _end(
        self, run: Run, stream: MessageStream | None, ending: Ending, usage: Sequence[Usage] | None = None
    ) -> None:
        """Ends the run, stops what it had called, and wakes the run that called it."""
        await self._ender.end(run, stream, ending, usage)
        if ending.state != "finished":
            for child in await self._journal.runs.list(parent_run_id=run.id, states=LIVE_STATES):
                await self.stop(await self._journal.runs.request_stop(child.id))
        if run.parent_run_id is not None:
            parent = await self._journal.runs.get(run.parent_run_id)
            if parent.state == "queued":
                self.start(parent)

    async def _give_back(self, run: Run) -> None:
        try:
            await self._journal.runs.renew(run.id, epoch=run.epoch, lease_until=0.0)
        except SagaError as error:
            _log.debug("the lease of run %s was not given back: %s", run.id, error)


def _ending_of(error: Exception) -> Ending:
    return Ending("stopped", error.reason, error.code) if isinstance(error, TurnStopped) else failure_of(error)
