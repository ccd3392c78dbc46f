"""What the adapter needs to know of an engine; everything else is the same SQLAlchemy Core code for both."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from saga_agent.errors import InvalidInput, SagaError
from saga_agent.storage.sql.engine.news import News

ACCEPTED = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


class Backend(Protocol):
    """One database, of one engine."""

    url: URL
    driver_error: type[Exception]
    """What the driver raises where SQLAlchemy does not stand between."""
    group_limit: int
    """How many jobs may share a transaction."""
    upgrades_on_open: bool
    """True when nobody else can be using an older schema on purpose: the file belongs to this library."""

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written to it from here, its schema neither."""
        ...

    def writer_engine(self) -> Engine:
        """Makes connections whose transactions take the write lock when they begin."""
        ...

    def reader_engine(self) -> Engine:
        """Makes connections that cannot write and see one state of the database for a whole transaction."""
        ...

    def exists(self) -> bool:
        """Whether there is something to open; a server is asked when it is used."""
        ...

    def check_place(self) -> None:
        """Refuses a place where no database can be, before anything is opened."""
        ...

    def lock_schema(self, conn: Connection) -> None:
        """Lets only one process at a time change the schema, until the transaction ends."""
        ...

    def news(self) -> News:
        """Brings news of what other processes commit."""
        ...

    def before_commit(self, conn: Connection) -> None:
        """Tells other processes what the writer's transaction touched."""
        ...

    def retire(self, conn: Connection) -> None:
        """Leaves the database tidy before the writer's connection closes."""
        ...

    def is_transient(self, error: Exception) -> bool:
        """Whether the same transaction may succeed when it is simply run again."""
        ...

    def explain(self, error: Exception) -> Exception:
        """The error as people should meet it; errors that are none of the database's come back as they are."""
        ...


def parse(url: str) -> URL:
    """The URL in its parts; `InvalidInput` when it is none."""
    try:
        return make_url(url)
    except ArgumentError as error:
        # The text is not repeated: a mistyped URL may hold a password.
        raise InvalidInput(f"The database URL cannot be read; use {ACCEPTED}.") from error


def as_input_error(error: Exception) -> SagaError | None:
    """The `InvalidInput` behind a value that a driver could not send, if that is what the error is."""
    if isinstance(error, UnicodeEncodeError):
        return InvalidInput("The text holds half of a surrogate pair, which is no character; remove it.")
    if isinstance(error, OverflowError):
        return InvalidInput("A number is too large to be stored; it must fit into 64 bits.")
    return None
