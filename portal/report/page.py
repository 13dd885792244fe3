"""A report as one HTML page that stands alone, to look at and to listen to.

The page asks nothing of the network: sound, drawings, style and the small script are inside it, and a content
security policy forbids the rest. Every text that people typed is escaped. Times are seconds: this is the edge.
"""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.http.pages import _
from portal.report import drawing
from portal.report.records import AgreementEnd, Report
from portal.report.wording import Wording

ENDS = {
    AgreementEnd.AGREED: _("agreed"),
    AgreementEnd.THIRD_OPINION: _("third opinion"),
    AgreementEnd.REVIEWED: _("reviewed"),
    AgreementEnd.OPEN: _("still open"),
}
TEMPLATES = Path(__file__).resolve().parent / "templates"
THEME = Path(__file__).resolve().parents[1] / "static" / "style" / "theme.css"
"""The portal's colours and letters."""


def render_report(report: Report, words: Wording | None = None) -> str:
    """The page as one HTML text. words: of the reader's language; English where nobody says"""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    english = words is None
    words = words or Wording()
    environment.filters |= {
        "duration": duration if english else words.duration,
        "clock": clock,
        "percent": percent,
    }
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        report=report,
        _=words.say,
        page_language=words.language,
        ends=ENDS,
        drawing=drawing,
        difference=difference,
        outcomes=AgreementEnd,
        longest=max((row.hours or 0.0 for row in report.funnel), default=0.0),
        style=Markup(THEME.read_text("utf-8") + (TEMPLATES / "report.css").read_text("utf-8")),  # noqa: S704 - our own
        script=Markup(script),  # noqa: S704 - our own file
        script_sha256=script_sha256(),
    )


def script_sha256() -> str:
    """The digest of the page's script, by which a content security policy lets it run and no other."""
    script = (TEMPLATES / "report.js").read_bytes()
    return base64.b64encode(hashlib.sha256(script).digest()).decode()


def write_report(report: Report, path: Path) -> None:
    """Write the page; a reader sees the old one or the new one, never half of it."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(render_report(report), encoding="utf-8")
    half.replace(path)


def duration(hours: float) -> str:
    """Hours as people say them.

    >>> duration(0.185), duration(0.004), duration(12.34)
    ('11 min 06 s', '14 s', '12.3 h')
    """
    seconds = round(hours * 3600)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{hours:.1f} h"


def clock(seconds: float) -> str:
    """A time of a recording as people write it.

    >>> clock(75.26)
    '1:15.3'
    """
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02}.{tenths % 10}"


def percent(share: float) -> str:
    """
    >>> percent(0.0), percent(0.034), percent(0.25)
    ('0 %', '3.4 %', '25 %')
    """
    return f"{share * 100:.2g} %" if share < 0.995 else f"{share * 100:.0f} %"


def difference(text: str, other: str) -> list[tuple[str, bool]]:
    """The words of `text`, in runs, each with whether `other` has it differently.

    >>> difference("ధర నలభై రూపాయలు", "ధర నలబై రూపాయలు")
    [('ధర', False), ('నలభై', True), ('రూపాయలు', False)]
    """
    return drawing.marked_words(text.split(), other.split())
