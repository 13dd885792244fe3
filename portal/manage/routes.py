"""All addresses of the manage screen: a file a page."""

from fastapi import APIRouter

from portal.manage import balance, coverage, gold, guidelines, overview, pay, people, report, withdrawals

router = APIRouter(include_in_schema=False)
for page in (overview, balance, coverage, people, pay, gold, guidelines, report, withdrawals):
    router.include_router(page.router)
