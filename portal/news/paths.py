"""Where a piece of news is seen to: the page that it leads to."""

from collections.abc import Mapping

from transcription.news.queries import NewsItem, NewsKind

PATHS: Mapping[NewsKind, str] = {
    NewsKind.SENT_BACK: "/write",
    NewsKind.REFUSED: "/record/mine",
    NewsKind.CLIPS: "/write",
    NewsKind.REVIEWS: "/review",
    NewsKind.REPORTED: "/review/reports",
    NewsKind.VERSION: "/datasets",
}


def path_of(item: NewsItem) -> str:
    """The page of that one thing, where there is one.

    >>> from datetime import UTC, datetime
    >>> path_of(NewsItem(NewsKind.REPORTED, datetime.now(UTC), True, values={"report": "report-1"}))
    '/review/reports/report-1'
    """
    if item.kind is NewsKind.REPORTED:
        return f"/review/reports/{item.values['report']}"
    if item.kind is NewsKind.VERSION:
        return f"/datasets/{item.values['dataset']}/{item.values['version']}"
    return PATHS[item.kind]
