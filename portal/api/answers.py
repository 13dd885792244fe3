"""What every route of the API shares: who may call, how errors are described, and what a name looks like."""

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path, Query

from catalog.states import Role
from portal.access.api_tokens import ApiCaller, token_holder
from portal.api.models import Failure
from portal.context import PortalContext
from portal.datasets.flow_server import FlowServerAway, FlowServerRefused

PREFIX = "/api/v1"
READERS = (Role.ML_READER, Role.MANAGER)
Caller = Annotated[ApiCaller, Depends(token_holder(*READERS))]
ManagersCaller = Annotated[ApiCaller, Depends(token_holder(Role.MANAGER))]
"""Who runs flows and sets schedules: ML readers read."""
ProjectName = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="A project's name", examples=["demo"])
]
DatasetName = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="A dataset's name", examples=["boli-demo"]
    ),
]
VersionName = Annotated[
    str, Path(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$", description="A version", examples=["1.0.0"])
]
FlowName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9_-]{0,59}$", description="A flow's name", examples=["publish"])
]
Cursor = Annotated[
    str,
    Query(
        pattern=r"^[A-Za-z0-9._/-]{0,300}$",
        description="`next_cursor` of the page before; empty for the first",
        examples=[""],
    ),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Entries on a page, at most", examples=[100])]


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for its description, with those that every route has."""
    words = {
        400: "The body is no JSON in UTF-8",
        401: "No token, or one that holds no longer",
        403: "The token's owner may not read this",
        404: "There is no such thing",
        409: "It can't be done as things stand; the message says why",
        410: "A voice in it was taken back; it is being written anew, ask again within the hour",
        422: "The request is not as described here",
        503: "The catalogue, the store or Prefect can't be reached now; try again",
    }
    return {
        status: {"model": Failure, "description": words[status]}
        for status in sorted({401, 403, 422, 503, *statuses})
    }


def known_project(context: PortalContext, caller: ApiCaller, name: str, *roles: Role) -> str:
    """Raises HTTPException where it is not configured, or the caller holds none of these roles (READERS) in it."""
    if name not in context.projects or name not in caller.projects_with(*(roles or READERS)):
        raise HTTPException(404)
    return name


def readable(caller: ApiCaller) -> frozenset[str]:
    """The projects whose versions a caller reads."""
    return caller.projects_with(*READERS)


def as_http_error(error: FlowServerAway | FlowServerRefused) -> HTTPException:
    """The error of a call when Prefect can't be asked, or says no."""
    if isinstance(error, FlowServerRefused):
        return HTTPException(409, f"Prefect does not take this: {error}")
    return HTTPException(503, f"The flows can't be reached: {error}. Try again later.")
