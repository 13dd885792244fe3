"""The addresses of resumable uploads: tus 1.0 on the wire, JSON where something is wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.config.project import Project
from catalog.config.sentence import translated
from catalog.database import Catalog, CatalogUnavailable
from catalog.keys import PARTIAL_FOLDER
from catalog.states import TransferPurpose, TransferState
from catalog.store import ObjectStore, StoreError
from catalog.tables import Speaker
from portal.http.pages import interface_language_of
from portal.upload import protocol
from portal.upload.finaliser import Finaliser
from portal.upload.limits import Sender, UploadLimits
from portal.upload.locks import UploadLocks
from portal.upload.partial_uploads import PartialUploads
from portal.upload.protocol import UploadRefused
from portal.upload.service import Intent, UploadService, UploadStatus, disk_refusal
from portal.upload.sweep import sweep_forever
from portal.upload.verdict import Listener

Who = Callable[[Request], Awaitable[Sender]]
ADDRESS = "/uploads"
Verb = Callable[[Request, Sender], Awaitable[Response]]
_FINAL = (400, 404, 410, 412, 413, 415)  # refusals that a client hears once and does not ask again about
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
    who:      the signed-in person, or an error raised, known from the headers: it is given no body to read
    may_use:  whether a person may send recordings of that speaker of the person's project
    """
    partial_uploads = PartialUploads(folder / PARTIAL_FOLDER)
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
        locks=UploadLocks(patience_seconds=limits.takeover_seconds),
    )

    methods = _TusMethods(service, who)
    router = APIRouter(lifespan=_background(service, listener))
    _add_routes(router, methods)
    return router


def _add_routes(router: APIRouter, methods: "_TusMethods") -> None:
    for path in (ADDRESS, f"{ADDRESS}/"):
        router.add_route(path, methods.collection, methods=["OPTIONS", "POST"], include_in_schema=False)
    router.add_route(
        ADDRESS + "/{transfer_id}",
        methods.one,
        methods=["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"],
        include_in_schema=False,
    )


def _background(
    service: UploadService, listener: Listener
) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """A lifespan in which arrivals are measured and uploads swept."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        listener.start()
        sweeping = asyncio.create_task(sweep_forever(service, listener))
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.wait([sweeping])
            await asyncio.to_thread(listener.stop)

    return lifespan


class _TusMethods:
    """tus methods: from a request's headers to the upload service, and from its answer to headers."""

    def __init__(self, service: UploadService, who: Who) -> None:
        self._service = service
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
        except UploadRefused as refused:
            if method == "HEAD" and refused.status >= 500:
                refused.status = 423
            if refused.closes and refused.status in _FINAL:
                await _hear_out(request)
            return _refusal_response(refused, request)
        except (CatalogUnavailable, StoreError):  # who sends could not even be found out
            return _refusal_response(_unavailable(423 if method == "HEAD" else 503), request)

    def _options(self) -> Response:
        return Response(
            status_code=204,
            headers={
                "Tus-Resumable": protocol.VERSION,
                "Tus-Version": protocol.VERSION,
                "Tus-Extension": protocol.EXTENSIONS,
                "Tus-Max-Size": str(self._service.limits.most_bytes),
                "Tus-Checksum-Algorithm": ",".join(protocol.CHECKSUMS),
            },
        )

    async def _post(self, request: Request, sender: Sender) -> Response:
        headers = request.headers
        protocol.check_version(headers.get("Tus-Resumable"))
        if "Upload-Defer-Length" in headers:
            raise UploadRefused(
                400,
                "length_needed",
                "the length of a file is said at once: send Upload-Length in place of Upload-Defer-Length.",
            )
        if "Upload-Concat" in headers:
            raise UploadRefused(
                400, "no_concatenation", "a file is sent in one upload: concatenation is not spoken here."
            )
        length = protocol.number("Upload-Length", headers.get("Upload-Length"))
        limits = self._service.limits
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
                raise UploadRefused(
                    413, "too_long", f"the body is longer than the {length} bytes of the file."
                )
        transfer = await self._service.create(sender, details, length)
        location = f"{request.scope['path'].rstrip('/')}/{transfer.id}"
        try:
            if brings:
                status = await self._service.append(transfer.id, sender, intent, request.receive)
            elif length == 0:
                status = await self._service.status(transfer.id, sender)
            else:
                status = UploadStatus(transfer, None)
        except UploadRefused as refused:
            # The upload is there all the same: its sender may go on with it.
            refused.headers.setdefault("Location", location)
            raise
        answer = _status_response(201, status)
        answer.headers["Location"] = location
        return answer

    async def _head(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        status = await self._service.status(_id(request), sender)
        answer = _status_response(200, status)
        answer.headers["Upload-Length"] = str(status.transfer.length)
        if status.transfer.details:
            answer.headers["Upload-Metadata"] = protocol.as_metadata(status.transfer.details)
        return answer

    async def _patch(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        protocol.check_body_type(request.headers.get("Content-Type"))
        intent = _intent(
            request, offset=protocol.number("Upload-Offset", request.headers.get("Upload-Offset"))
        )
        return _status_response(
            204, await self._service.append(_id(request), sender, intent, request.receive)
        )

    async def _delete(self, request: Request, sender: Sender) -> Response:
        protocol.check_version(request.headers.get("Tus-Resumable"))
        await self._service.terminate(_id(request), sender)
        return Response(status_code=204, headers=_COMMON)


async def _tried(verb: Verb, request: Request, sender: Sender) -> Response:
    """The answer of a verb. Raises UploadRefused, whatever failed: nobody is answered without a reason."""
    try:
        return await verb(request, sender)
    except UploadRefused:
        raise
    except (CatalogUnavailable, StoreError) as error:
        raise _unavailable(503) from error
    except OSError as error:
        raise disk_refusal(error) from error
    except Exception as error:
        log.exception("an upload failed for a mistake of ours")
        raise UploadRefused(
            500, "failed", "The server failed for a reason of its own. What came is kept; try again later."
        ) from error


def _unavailable(status: int) -> UploadRefused:
    return UploadRefused(
        status,
        "unavailable",
        "The server can't reach what it needs just now. What came is kept; try again in a moment.",
    )


_COMMON = {"Tus-Resumable": protocol.VERSION, "Cache-Control": "no-store"}
_ALLOWED = "OPTIONS, HEAD, PATCH, DELETE, POST"


async def _no_such_verb(request: Request, sender: Sender) -> Response:
    raise UploadRefused(405, "no_such_method", "An upload takes HEAD, PATCH and DELETE.", {"Allow": _ALLOWED})


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
    """What the headers say of the body; one in chunks does not say its length."""
    headers = request.headers
    length = None
    if "Transfer-Encoding" not in headers:
        length = protocol.number("Content-Length", headers.get("Content-Length", "0"))
    return Intent(offset, length, protocol.checksum(headers.get("Upload-Checksum")))


def _status_response(code: int, status: UploadStatus) -> Response:
    transfer = status.transfer
    answer = Response(status_code=code, headers=_COMMON)
    answer.headers["Upload-Offset"] = str(transfer.offset)
    if transfer.state is TransferState.ARRIVING:
        answer.headers["Upload-Expires"] = protocol.moment(transfer.expires_at)
    if status.receipt is not None:
        answer.headers["Boli-Receipt"] = status.receipt
        if transfer.purpose is TransferPurpose.RECORDING and transfer.upload_id is not None:
            answer.headers["Boli-Upload"] = transfer.upload_id
    return answer


def _refusal_response(refused: UploadRefused, request: Request) -> Response:
    """In the body, and in headers as well: an answer to HEAD has no body. What people read is in their language."""
    passing = refused.passing
    message = translated(refused.message, interface_language_of(request).gettext)
    answer = JSONResponse(
        {"error": {"code": refused.code, "fault": passing.fault, "message": message}},
        status_code=refused.status,
        headers={**_COMMON, **refused.headers, "Boli-Error": refused.code, "Boli-Fault": passing.fault},
    )
    if passing.seconds:
        answer.headers["Retry-After"] = str(passing.seconds)
        answer.headers["Boli-Waits"] = "this" if passing.alone else "all"
    if refused.closes:
        answer.headers["Connection"] = "close"
    return answer
