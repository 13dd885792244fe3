"""All addresses of the coordinator's screens."""

from fastapi import APIRouter

from portal.coordinator import consent_routes, record_routes, speaker_routes, withdraw_routes

router = APIRouter(include_in_schema=False)
router.include_router(withdraw_routes.router)
router.include_router(consent_routes.router)  # before /speakers/{id}
router.include_router(speaker_routes.router)
router.include_router(record_routes.router)
