"""Resumable uploads as this portal takes them: from coordinators who are signed in, of speakers of their project."""

from fastapi import APIRouter, Request

from audio.recipe import Recipe
from catalog.config.configuration import load_folder
from catalog.states import Role
from catalog.tables import Speaker
from portal.access.guard import NotYours, signed_in_by_headers
from portal.context import PortalContext
from portal.upload.limits import Sender
from portal.upload.router import upload_router


def uploads(context: PortalContext) -> APIRouter:
    """The routes under /uploads over a portal context. Raises ConfigurationError for a recipe that can't be read."""
    return upload_router(
        catalog=context.catalog,
        store=context.store,
        projects=context.projects,
        recipes=load_folder(context.configs / "recipes", Recipe),
        decoding=context.limits,
        folder=context.folder,
        limits=context.uploads,
        who=sender,
        clock=context.clock,
        may_use=of_their_project,
    )


async def sender(request: Request) -> Sender:
    """Who sends, known from the headers alone. Raises NotSignedIn, NotYours, Forged."""
    signed = await signed_in_by_headers(request)
    if not signed.has(Role.COORDINATOR):
        raise NotYours
    return Sender(person_id=signed.person_id, project_id=signed.project)


def of_their_project(sender: Sender, speaker: Speaker) -> bool:
    """Coordinators of one project record each other's speakers: whoever is there when the speaker has time."""
    return speaker.project_id == sender.project_id
