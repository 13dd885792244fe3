"""All addresses of the manage screen: a file a page."""

from fastapi import APIRouter

from portal.manage import (
    balance,
    breaches,
    coverage,
    drafts,
    drafts_import,
    gold,
    guidelines,
    holds,
    notices,
    overview,
    pay,
    people,
    people_import,
    report,
    speakers_import,
    withdrawals,
)

router = APIRouter(include_in_schema=False)
for page in (
    *(overview, balance, coverage, people, pay, gold, guidelines, notices),
    *(drafts, report, withdrawals, holds, breaches, people_import, speakers_import, drafts_import),
):
    router.include_router(page.router)
