"""What is pressed on a screen before it is looked at, and never saved: the portal stays as it was."""

from playwright.sync_api import Page, expect


def moves_word(page: Page, _known: object) -> None:
    """The start of the second word; it is not saved, so the portal stays as it was."""
    page.locator(".aligned .words button").nth(1).click()
    page.locator("#edges [data-edge=start][data-by='5']").click()
    expect(page.locator("#undo")).to_be_enabled()


def _brings(page: Page, rows: str) -> None:
    page.locator("textarea[name=pasted]:visible").fill(rows)
    page.locator("main form[enctype] p > button").click()


def brings_list(page: Page, _known: object) -> None:
    """Looked at; nobody is taken on."""
    _brings(page, "handle\trole\tlanguage\tdistrict\nsita\ttranscriber\tte\tWarangal\nravi\tcook\tte\t\n")


def brings_speakers(page: Page, _known: object) -> None:
    """Looked at; nobody is written down."""
    head = "pseudonym\tlanguage\tgender\tage_band\tdistrict\n"
    _brings(page, head + "DUM-901\tte\tfemale\t25-34\tDumka\nDUM-902\thi\t\t\t\n")


def brings_drafts(page: Page, _known: object) -> None:
    """Looked at; no clip gets a draft."""
    _brings(page, "clip\ttext\tmodel\nclip-0\tఅమ్మ బడికి వెళ్ళింది\tours\n\t\t\n")


def brings_districts(page: Page, _known: object) -> None:
    """Looked at; the project's list stays."""
    _brings(page, "source\tLGD, 2026-11-30\ncode\tname\tparent\n346\tDumka\tJharkhand\n0\t\t\n")


def adds_prompts(page: Page, _known: object) -> None:
    """Looked at, and not kept."""
    page.locator("details.sheet > summary").click()
    page.locator("input[name=title]").fill("పండుగ")
    page.locator("textarea[name=pasted]:visible").fill("పండుగ రోజు ఇంట్లో ఏం చేస్తారు?\nఇది abc వాక్యం.")
    page.locator("main form[enctype] p > button").click()


def raises_share(page: Page, _known: object) -> None:
    """What a change of the rules does is said; it is not saved, so the portal stays as it was."""
    page.locator("input[name='review.share']").fill("0.7")
    page.locator("main .act .next").click()
