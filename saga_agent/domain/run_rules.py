"""The rules of the journal: how runs change hands and states, and when a request takes an answer.

Every adapter asks here before it writes, so that no rule is told twice.
"""

from __future__ import annotations

from typing import Final

from saga_agent.domain.journal import END_STATES, EndState, ReasonCode, Run, RunState
from saga_agent.domain.requests import Reply, Request
from saga_agent.errors import RequestClosed, RunBusy, RunFailed, StaleEpoch

AT_WORK: Final = ("queued", "running")
"""The states of a run that somebody holds, or should."""
SUPERSEDED: Final = "Superseded by a new message."
_NOBODY = {"runner": None, "lease_until": 0.0}


def has_ended(state: RunState) -> bool:
    """Whether nothing more can happen to a run or stream in that state."""
    return state in END_STATES


def is_held(run: Run, *, now: float) -> bool:
    """Whether somebody holds the run at that time."""
    return run.state in AT_WORK and run.lease_until > now


def require_epoch(run: Run, epoch: int) -> None:
    """Raises `StaleEpoch` unless that is the run's epoch."""
    if run.epoch != epoch:
        raise StaleEpoch(run.id, epoch=epoch, current=run.epoch)


def require_live(run: Run) -> None:
    """Raises `RunFailed` when the run has ended."""
    if has_ended(run.state):
        raise RunFailed(run.id, run.state, run.reason)


def taken(run: Run, *, runner: str, lease_until: float, now: float) -> dict[str, object]:
    """What changes when the runner takes the run, which becomes `running`; see `Runs.take`.

    Raises: `RunFailed` when it has ended, `RunBusy` when another one holds it.
    """
    require_live(run)
    if is_held(run, now=now) and not (run.state == "queued" and run.runner == runner):
        raise RunBusy(run.thread_id, run.id)
    return {"epoch": run.epoch + 1, "attempts": run.attempts + 1, "runner": runner, "lease_until": lease_until}


def paused() -> dict[str, object]:
    """What changes when a run pauses: nobody holds it, and its attempts are counted anew."""
    return {**_NOBODY, "attempts": 0}


def may_end(run: Run, state: EndState, *, epoch: int | None, now: float) -> bool:
    """Whether the run is to be put into that end state; False when it is in it. See `Runs.finish`.

    Raises: `StaleEpoch`, `RunFailed` when it has ended otherwise, `RunBusy` when `epoch` is None and it is held.
    """
    if epoch is not None:
        require_epoch(run, epoch)
    if run.state == state:
        return False
    require_live(run)
    if epoch is None and is_held(run, now=now):
        raise RunBusy(run.thread_id, run.id)
    return True


def ended(*, reason: str, reason_code: ReasonCode, now: float) -> dict[str, object]:
    """What changes when a run ends."""
    return {"reason": reason, "reason_code": reason_code, "ended_at": now, **_NOBODY}


def takes_answer(request: Request, reply: Reply, *, now: float) -> bool:
    """Whether the reply is to be stored; False when it is there already, `RequestClosed` when it comes too late."""
    if request.state != "pending":
        if request.state != "answered" or request.reply != reply:
            raise RequestClosed(request.id, request.state)
        return False
    if is_over(request, now=now):
        raise RequestClosed(request.id, "expired")
    return True


def is_over(request: Request, *, now: float) -> bool:
    """Whether the time in which the request takes an answer has passed."""
    return request.expires_at is not None and request.expires_at <= now
