"""A portal of uploads alone, to be run in a process of its own.

People sign in with a header, since what is tried here is not how they sign in.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Request

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.config.configuration import load_folder
from catalog.config.project import load_project
from catalog.database import open_catalog
from catalog.store import open_store
from portal.upload.limits import Sender, UploadLimits
from portal.upload.router import upload_router
from transcription.rules.language import load_languages

REPOSITORY = Path(__file__).resolve().parents[3]
PROJECT = "demo"


@dataclass(frozen=True)
class Plan:
    """limits: of UploadLimits, where they differ; lasts_seconds: of an unfinished upload; project: that it knows;
    wall_seconds: of one child
    """

    database: str
    store: str
    folder: str
    port: int
    limits: dict[str, float] = field(default_factory=dict)
    lasts_seconds: float = 3600
    project: str = PROJECT
    wall_seconds: float = Limits().wall_seconds


def make_app(plan: Plan) -> FastAPI:
    recipes = load_folder(REPOSITORY / "configs" / "recipes", Recipe)
    project = load_project(
        REPOSITORY / "configs" / "projects" / "demo.yaml",
        languages=load_languages(REPOSITORY / "configs" / "languages"),
        recipes=recipes,
    )
    project = replace(project, limits=replace(project.limits, upload_mb=2_000))
    limits = UploadLimits(**plan.limits, lasts=timedelta(seconds=plan.lasts_seconds))  # type: ignore[arg-type]

    async def who(request: Request) -> Sender:
        person = request.headers.get("X-Person")
        if person is None:
            raise HTTPException(401, "Sign in.")
        return Sender(person, PROJECT)

    app = FastAPI()
    app.include_router(
        upload_router(
            catalog=open_catalog(plan.database),
            store=open_store(plan.store),
            projects={plan.project: project},
            recipes=recipes,
            decoding=Limits(wall_seconds=plan.wall_seconds),
            folder=Path(plan.folder),
            limits=limits,
            who=who,
            clock=lambda: datetime.now(UTC),
        )
    )

    @app.get("/health")
    async def health() -> str:
        return "ok"

    return app


def serve(plan: Plan) -> None:
    """Until a signal comes."""
    uvicorn.run(
        make_app(plan), host="127.0.0.1", port=plan.port, log_level="warning", timeout_graceful_shutdown=1
    )
