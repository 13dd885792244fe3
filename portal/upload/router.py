"""The addresses of resumable uploads: tus 1.0 on the wire, JSON where something is wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.config.project import Project
from catalog.database import Catalog, CatalogUnavailable
from catalog.states import TransferPurpose, TransferState
from catalog.store import ObjectStore, StoreError
from catalog.tables import Speaker
from portal.upload import protocol
from portal.upload.finaliser import Finaliser
from portal.upload.limits import Sender, UploadLimits
from portal.upload.locks import Turns
from portal.upload.partial_uploads import PartialUploads
from portal.upload.protocol import Refused
from portal.upload.service import Intent, Standing, UploadService, disk_failure
from portal.upload.sweep import sweep_now_and_then
from portal.upload.verdict import Listener

Who = Callable[[Request], Awaitable[Sender]]
ADDRESS = "/uploads"
Verb = Callable[[Request, Sender], Awaitable[Response]]
_FINAL = (400, 404, 410, 412, 413, 415)  # refusals that a client is told once and does not ask again about
_HEARD_SECONDS = 1.0
_HEARD_BYTES = 2**20

log = logging.getLogger("boli.uploads")


def registered_by_them(sender: Sender, speaker: Speaker) -> bool:
    return speaker.registered_by == sender.person_id


def upload_router(
    *,
    catalog: Catalog,
    store: ObjectStore,
    projects: Mapping[str, Project],
    recipes: Mapping[str, Recipe],
    decoding: Limits,
    folder: Path,
    limits: UploadLimits,
    who: Who,
    clock: Callable[[], datetime],
    may_use: Callable[[Sender, Speaker], bool] = registered_by_them,
) -> APIRouter:
    """Routes under /uploads. Its lifespan starts the verdicts and the sweep, and ends them.

    folder:   on a disk of this machine, for files on their way and for measuring; processes may share it
    decoding: bounds of one child that measures
    who:      the signed-in person, or an error raised, told from the headers: it is given no body to read
    may_use:  whether a person may send recordings of that speaker of the person's project
    """
    partial_uploads = PartialUploads(folder / "arriving")
    finaliser = Finaliser(catalog, store, partial_uploads, limits, clock)
    listener = Listener(
        catalog=catalog,
        store=store,
        projects=projects,
        recipes=recipes,
        decoding=decoding,
        folder=folder / "measuring",
        limits=limits,
        clock=clock,
    )
    service = UploadService(
        catalog=catalog,
        partial_uploads=partial_uploads,
        finaliser=finaliser,
        projects=projects,
        limits=limits,
        clock=clock,
        may_use=may_use,
        whole=listener.hear,
        turns=Turns(patience_seconds=limits.takeover_seconds),
    )

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        listener.start()
        context = asyncio.create_task(sweep_now_and_then(service, listener))
        try:
            yield
        finally:
            context.cancel()
            await asyncio.wait([context])
            await asyncio.to_thread(listener.stop)

    verbs = _Verbs(service, who)
    router = APIRouter(lifespan=lifespan)
    for path in (ADDRESS, f"{ADDRESS}/"):
        router.add_route(path, verbs.collection, methods=["OPTIONS", "POST"], include_in_schema=False)
    router.add_route(
        ADDRESS + "/{transfer_id}",
        verbs.one,
        methods=["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"],
        include_in_schema=False,
    )
    return router


class _Verbs:
    """From headers to the desk, and from its answer to headers."""

    def __init__(self, service: UploadService, who: Who) -> None:
        self._desk = service
        self._who = who

    async def collection(self, request: Request) -> Response:
        return await self._answered(request, request.method, self._post)

    async def one(self, request: Request) -> Response:
        method = request.method
        if method == "POST":
            method = request.headers.get("X-HTTP-Method-Override", "").upper()
        verb = {"HEAD": self._head, "PATCH": self._patch, "DELETE": self._delete}.get(method, _no_such_verb)
        return await self._answered(request, method, verb)

    async def _answered(self, request: Request, method: str, verb: Verb) -> Response:
        """The answer, or what went wrong in words.

        A HEAD that fails with anything but 423 makes a browser's client throw the upload away and begin a new one.
        """
        try:
            # Without the body: nobody who may not send can make us read a byte.
            sender = await self._who(Request(request.scope))
            return self._options() if method == "OPTIONS" else await _tried(verb, request, sender)
        except Refused as refused:
            if method == "HEAD" and refused.status >= 500:
                refused.status = 423
            if refused.closes and refused.status in _FINAL:
                await _hear_out(request)
            return _told(refused)
        except (CatalogUnavailable, StoreError):  # it could not even be told who sends
            return _told(_unavailable(423 if method == "HEAD" else 503))

    def _options(self) -> Response:
        return Response(
            status_code=204,
            headers={
                "Tus-Resumable": protocol.VERSION,
                "Tus-Version": protocol.VERSION,
                "Tus-Extension": protocol.EXTENSIONS,
                "Tus-Max-Size": str(self._desk.limits.most_bytes),
                "Tus-Checksum-Algorithm": ",".join(protocol.CHECKSUMS),
            },
        )

    async def _post(self, request: Request, sender: Sender) -> Response:
        headers = request.headers
        protocol.check_version(headers.get("Tus-Resumable"))
        if "Upload-Defer-Length" in headers:
            raise Refused(
                400,
                "length_needed",
                "the length of a file is told at once: send Upload-Length in place of Upload-Defer-Length.",
            )
        if "Upload-Concat" in headers:
            raise Refused(
                400, "no_concatenation", "a file is sent in one upload: concatenation is not spoken here."
            )
        length = protocol.number("Upload-Length", headers.get("Upload-Length"))
        limits = self._desk.limits
        details = protocol.metadata(
            headers.get("Upload-Metadata"),
            most_bytes=limits.metadata_bytes,
            most_pairs=limits.metadata_pairs,
        )
        intent = _intent(request, offset=0)
        brings = intent.length is None or intent.length > 0
        if brings:
            protocol.check_body_type(headers.get("Content-Type"))
            if intent.length is not None and intent.length > length:
                raise Refused(413, "too_long", f"the body is longer than the {length} bytes of the file.")
        transfer = await self._desk.admit(sender, details, length)
        place = f"{request.scope['path'].rstrip('/')}/{transfer.id}"
        try:
            if brings:
                standing = await self._desk.take(transfer.id, sender, intent, request.receive)
            elif length == 0:
                standing = await self._desk.tell(transfer.id, sender)
            else:
                standing = Standing(transfer, None)
        except Refused as refused:
            # The upload is there all the same: its sender may go on with it.
            refused.headers.setdefault("Location", place)
            raise
        answer = _as_told(201, standing)
        answer.headers["Location"] = place
        return answer

    async def _head(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        standing = await self._desk.tell(_id(request), sender)
        answer = _as_told(200, standing)
        answer.headers["Upload-Length"] = str(standing.transfer.length)
        if standing.transfer.details:
            answer.headers["Upload-Metadata"] = protocol.as_metadata(standing.transfer.details)
        return answer

    async def _patch(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        protocol.check_body_type(request.headers.get("Content-Type"))
        intent = _intent(
            request, offset=protocol.number("Upload-Offset", request.headers.get("Upload-Offset"))
        )
        return _as_told(204, await self._desk.take(_id(request), sender, intent, request.receive))

    async def _delete(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        await self._desk.end(_id(request), sender)
        return Response(status_code=204, headers=_COMMON)


async def _tried(verb: Verb, request: Request, sender: Sender) -> Response:
    """The answer of a verb. Raises Refused, whatever failed: nobody is answered without a reason."""
    try:
        return await verb(request, sender)
    except Refused:
        raise
    except (CatalogUnavailable, StoreError) as error:
        raise _unavailable(503) from error
    except OSError as error:
        raise disk_failure(error) from error
    except Exception as error:
        log.exception("an upload failed for a mistake of ours")
        raise Refused(
            500, "failed", "The server failed for a reason of its own. What came is kept; try again later."
        ) from error


def _unavailable(status: int) -> Refused:
    return Refused(
        status,
        "unavailable",
        "The server can't reach what it needs just now. What came is kept; try again in a moment.",
    )


_COMMON = {"Tus-Resumable": protocol.VERSION, "Cache-Control": "no-store"}
_ALLOWED = "OPTIONS, HEAD, PATCH, DELETE, POST"


async def _no_such_verb(request: Request, sender: Sender) -> Response:
    raise Refused(405, "no_such_method", "An upload takes HEAD, PATCH and DELETE.", {"Allow": _ALLOWED})


def _id(request: Request) -> str:
    return str(request.path_params["transfer_id"])


async def _hear_out(request: Request) -> None:
    """Read on a little, and forget it: who is cut off while speaking may not hear why."""
    if "Expect" in request.headers:  # it waits for leave to speak
        return
    heard = 0
    try:
        async with asyncio.timeout(_HEARD_SECONDS):
            while heard < _HEARD_BYTES:
                message = await request.receive()
                heard += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _intent(request: Request, *, offset: int) -> Intent:
    """What the headers say of the body; one in chunks does not tell its length."""
    headers = request.headers
    length = None
    if "Transfer-Encoding" not in headers:
        length = protocol.number("Content-Length", headers.get("Content-Length", "0"))
    return Intent(offset, length, protocol.checksum(headers.get("Upload-Checksum")))


def _as_told(status: int, standing: Standing) -> Response:
    transfer = standing.transfer
    answer = Response(status_code=status, headers=_COMMON)
    answer.headers["Upload-Offset"] = str(transfer.offset)
    if transfer.state is TransferState.ARRIVING:
        answer.headers["Upload-Expires"] = protocol.moment(transfer.expires_at)
    if standing.receipt is not None:
        answer.headers["Boli-Receipt"] = standing.receipt
        if transfer.purpose is TransferPurpose.RECORDING and transfer.upload_id is not None:
            answer.headers["Boli-Upload"] = transfer.upload_id
    return answer


def _told(refused: Refused) -> Response:
    """In the body, and in headers as well: an answer to HEAD has no body."""
    answer = JSONResponse(
        {"error": {"code": refused.code, "fault": refused.fault, "message": refused.message}},
        status_code=refused.status,
        headers={**_COMMON, **refused.headers, "Boli-Error": refused.code, "Boli-Fault": refused.fault},
    )
    if refused.retry_after:
        answer.headers["Retry-After"] = str(refused.retry_after)
    if refused.closes:
        answer.headers["Connection"] = "close"
    return answer
