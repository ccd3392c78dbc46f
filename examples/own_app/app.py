"""An app with users and documents of its own, with Saga Agent mounted into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Header, HTTPException

import saga_agent as sa
from examples.own_app.documents import OwnDocuments
from saga_agent.server import Identity, create_router

USERS = "CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE)"
DOCUMENTS = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, book TEXT NOT NULL, position INTEGER NOT NULL, version INTEGER NOT NULL,
    title TEXT NOT NULL, body TEXT NOT NULL, saga JSON NOT NULL
)"""


def create_app(folder: Path = Path(), *, model: str = "offline") -> FastAPI:
    """The app, with its databases in that folder."""
    documents = OwnDocuments(folder / "app.db")
    own, rest = {"documents": documents}, sa.SqlStorage(f"sqlite+aiosqlite:///{folder / 'saga.db'}")
    saga = sa.Saga.open(storage=sa.Storage.compose(story=own, rest=rest), model=model)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for table in (USERS, DOCUMENTS):
            await documents.execute(table)
        async with saga:
            yield

    async def current_user(authorization: Annotated[str, Header()] = "") -> Identity:
        token = authorization.removeprefix("Bearer ")
        for user in await documents.execute("SELECT name FROM users WHERE token = ?", (token,)):
            return Identity(owner_id=user["name"], kind="user")
        raise HTTPException(401, "Sign in first.")

    User = Annotated[Identity, Depends(current_user)]
    app = FastAPI(lifespan=lifespan)
    app.include_router(create_router(saga, identity=current_user), prefix="/saga")

    @app.put("/books/{book}/documents/{document_id}")
    async def save(book: str, document_id: str, body: Annotated[str, Body(embed=True)], user: User) -> None:
        """The editor saves a document past the library, which is then told of it."""
        story = saga.acting_as(user.owner_id).story
        if book not in [project.id for project in (await story.projects.list()).items]:
            raise HTTPException(404, "There is no such book.")
        update = "UPDATE documents SET body = ?, version = version + 1 WHERE book = ? AND id = ?"
        await documents.execute(update, (body, book, document_id))
        await story.changed(book, document_id)

    return app
