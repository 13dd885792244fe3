"""All addresses that make a project and change its settings: a file a page."""

from fastapi import APIRouter

from portal.projects import history_page, new_page, places_page, prompts_page, settings_page

router = APIRouter(include_in_schema=False)
# `versions` is no part of the settings: its page goes before theirs
for page in (new_page, prompts_page, places_page, history_page, settings_page):
    router.include_router(page.router)
