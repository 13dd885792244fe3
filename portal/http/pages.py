"""Pages: templates with the reader's language, their name, and the addresses of our own files."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from catalog.config.sentence import translated
from catalog.database import CatalogUnavailable
from catalog.states import Role
from portal.access.session import Signed
from portal.context import context_of
from portal.http import static_files
from portal.i18n.formats import Formats
from portal.i18n.translation import (
    COOKIE,
    LANGUAGES,
    InterfaceLanguage,
    best_language,
    interface_language,
    script_messages,
)
from transcription.news.queries import unread_count

PORTAL = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """An entry of the navigation. title: English, translated where it is shown"""

    path: str
    title: str
    roles: frozenset[Role]


def _(message: str) -> str:
    """Marks a message for the translators; it is translated where it is shown."""
    return message


NAVIGATION = (
    NavigationEntry("/record", _("Record"), frozenset({Role.COORDINATOR})),
    NavigationEntry("/speakers", _("Speakers"), frozenset({Role.COORDINATOR})),
    NavigationEntry("/write", _("Write"), frozenset({Role.TRANSCRIBER})),
    NavigationEntry("/review", _("Review"), frozenset({Role.REVIEWER})),
    NavigationEntry("/my-work", _("My work"), frozenset({Role.TRANSCRIBER, Role.REVIEWER})),
    NavigationEntry("/manage", _("Manage"), frozenset({Role.MANAGER})),
    NavigationEntry("/datasets", _("Datasets"), frozenset({Role.ML_READER, Role.MANAGER})),
)
OWNERS_ENTRY = NavigationEntry("/owner", _("Managers"), frozenset())


def navigation_of(signed: Signed) -> list[NavigationEntry]:
    """The entries of somebody who is signed in: by their roles in the project that they look at."""
    entries = [entry for entry in NAVIGATION if signed.has(*entry.roles)]
    return [*entries, OWNERS_ENTRY] if signed.owner else entries


def interface_language_of(request: Request) -> InterfaceLanguage:
    """The interface language of whoever asks."""
    return interface_language(
        best_language(request.cookies.get(COOKIE), request.headers.get("Accept-Language", ""))
    )


def render(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. values: what the template asks for beside what every page has (see `_common`).

    A name that a template uses and nobody gave raises: no page shows a hole.
    """
    page = _environment().get_template(template).render(**_common(request), **values)
    # Pages hold what people wrote and who they are: for nobody's cache but the service worker's own.
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def render_alone(template: str, speech: InterfaceLanguage, /, **values: Any) -> str:
    """A piece of a page that stands without the portal: no address of ours, nobody signed in."""
    return _environment().get_template(template).render(speech=speech, fmt=Formats(speech), **values)


def _common(request: Request) -> dict[str, Any]:
    context, speech = context_of(request), interface_language_of(request)
    signed: Signed | None = getattr(request.state, "signed", None)
    return {
        "speech": speech,
        "fmt": Formats(speech),
        "signed": signed,
        "project": context.projects.get(signed.project) if signed else None,
        "projects": context.projects,
        "unread": _unread(request, signed),
        "own_projects": {name: context.projects[name] for name in signed.roles_by_project} if signed else {},
        "navigation": navigation_of(signed) if signed else [],
        "here": request.url.path,
        "asset": static_files.address,
        "modules": static_files.modules,
        "build": static_files.build(),
        "interface_languages": LANGUAGES,
        "role": Role,
        "style_nonce": getattr(request.state, "style_nonce", ""),
        "now": context.clock(),
    }


def _unread(request: Request, signed: Signed | None) -> int:
    """News for the head of the page. No page fails for it, or for a catalogue that is away."""
    if signed is None or not signed.project:
        return 0
    context = context_of(request)
    try:
        with context.catalog.reading() as session:
            return unread_count(session, signed, now=context.clock())
    except CatalogUnavailable:
        return 0


@pass_context
def _gettext(context: Context, message: str) -> str:
    return str(context["speech"].gettext(message))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return str(context["speech"].ngettext(one, many, count))


@pass_context
def _translated(context: Context, sentence: str) -> str:
    """A sentence of the configuration's rules; what is no such sentence stays as it is."""
    return translated(sentence, context["speech"].gettext)


@pass_context
def _localized(context: Context, text: str) -> str:
    """A text of the configs, which is data and no HTML, in the reader's language where a translator has seen it."""
    return str(context["speech"].gettext(text))


@pass_context
def _for_script(context: Context, **values: Any) -> Markup:
    """The page data for its scripts: a JSON block, which is data and never runs."""
    speech: InterfaceLanguage = context["speech"]
    signed: Signed | None = context["signed"]
    data = {
        "language": speech.code,
        "token": signed.token if signed else None,
        "person": signed.person_id if signed else None,
        "project": signed.project if signed else None,
        "messages": script_messages(speech.code),
        **values,
    }
    # </script> inside a text must not end the block
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return Markup('<script type="application/json" id="page">%s</script>') % Markup(text)  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PORTAL / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.globals["for_script"] = _for_script
    environment.filters["translated"] = _translated
    environment.filters["localized"] = _localized
    return environment
