"""All addresses of the record screen and of the speakers'."""

from fastapi import APIRouter

from portal.record.consent import routes as consent
from portal.record.consent import withdraw_routes as withdraw
from portal.record.export import routes as export
from portal.record.speakers import routes as speakers
from portal.record.uploads import routes as uploads

router = APIRouter(include_in_schema=False)
router.include_router(withdraw.router)
router.include_router(export.router)
router.include_router(consent.router)  # before /speakers/{id}
router.include_router(speakers.router)
router.include_router(uploads.router)
