"""The API's own description: OpenAPI for programs, a page of calls to copy for people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.responses import Response

from catalog.states import Role
from portal.access.guard import holding
from portal.access.session import Signed
from portal.api import dataset_objects, datasets, flows, models, projects
from portal.api.answers import PREFIX
from portal.api.calls import calls_of
from portal.context import context_of
from portal.http import pages

ABOUT = (
    "Dataset versions, the state of projects, and runs of their flows.\n\n"
    'Send `Authorization: Bearer boli_…` with every call. Errors come as `{"error": {"code", "message"}}`. '
    "Long lists come in pages: send `next_cursor` of the answer as `cursor` until it is null."
)

router = APIRouter(include_in_schema=False)
calls = (projects.router, datasets.router, dataset_objects.router, flows.router)
for each in calls:
    router.include_router(each)


def openapi(version: str) -> dict[str, Any]:
    """The document of every call."""
    document = get_openapi(
        title="Boli",
        version=version,
        summary="Voices from villages, as dataset versions",
        description=ABOUT,
        routes=[route for each in calls for route in each.routes],
    )
    schemas = document["components"]["schemas"]
    # FastAPI describes its own form of this error too, which we never send.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    # FastAPI leaves every null out of its document, and so out of the examples that need one.
    for name, model in vars(models).items():
        if name in schemas:
            schemas[name]["examples"] = model.model_config["json_schema_extra"]["examples"]
    return document


@router.get(f"{PREFIX}/openapi.json")
def openapi_document(request: Request) -> Response:
    """Open to all: it says what can be asked, not what the answers are."""
    return JSONResponse(openapi(request.app.version), headers={"Cache-Control": "public, max-age=300"})


@router.get("/api")
def page(
    request: Request, signed: Annotated[Signed, Depends(holding(Role.ML_READER, Role.MANAGER))]
) -> Response:
    """Every call with a line to copy."""
    context = context_of(request)
    return pages.render(
        request,
        "datasets/api.html.j2",
        groups=calls_of(openapi(request.app.version), context.address),
        address=f"{context.address}{PREFIX}/openapi.json",
    )
