"""What commands about versions share: which project, dataset and version is meant, and how fast bytes come."""

from typing import TYPE_CHECKING, Annotated

import typer

from boli.errors import UserError
from catalog.config.settings import TOKEN, Settings
from catalog.keys import NAME
from catalog.store import ObjectStore, StoreReader, open_store

if TYPE_CHECKING:
    from catalog.config.project import Project as ProjectConfiguration
    from catalog.config.release_rules import ReleaseRules
    from releases.address import ReleaseAddress

Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
Dataset = Annotated[
    str | None, typer.Option("--dataset", help="One of the project's datasets; without it, its main one.")
]
Token = Annotated[
    str | None,
    typer.Option(envvar=TOKEN, help="For a portal's address: a token of its page “My tokens”."),
]
Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]


def rules_of(project: "ProjectConfiguration", dataset: str | None) -> "ReleaseRules":
    """The dataset that a user names, of a project. Raises UserError."""
    for rules in project.releases:
        if dataset in (None, rules.name):
            return rules
    names = ", ".join(each.name for each in project.releases)
    raise UserError(f"project {project.name} has no dataset {dataset!r}; it has {names}.")


def check_names(*names: str) -> None:
    """Raises UserError for what can be no dataset's and no version's name."""
    for name in names:
        if not NAME.fullmatch(name):
            raise UserError(
                f"a dataset or version has a name of letters, digits, '.', '_' and '-', given {name!r}.\n"
                "`boli release list` shows what there is."
            )


def store_of(settings: Settings) -> ObjectStore:
    from flows.workspace import s3_options

    return open_store(settings.store_address, s3_options(settings))


def version_of(target: str, settings: Settings, token: str | None) -> tuple[StoreReader, str, str]:
    """The store, dataset and version that a user names; without a version, the newest.

    token: for the address of a portal, https://portal/datasets/NAME/1.0.0
    """
    from flows.workspace import s3_options
    from releases.address import ReleaseAddress, parse, version_at

    if "://" in target:
        address = parse(target)
        check_names(address.dataset, *([address.version] if address.version else []))
        if address.store_url.startswith("http"):
            return _through_portal(address, token)
        store = open_store(address.store_url, s3_options(settings))
        return store, address.dataset, version_at(store, address)
    store = store_of(settings)
    name, _, version = target.partition("@")
    check_names(name, *([version] if version else []))
    return store, name, version_at(store, ReleaseAddress(store.url, name, version or None))


def _through_portal(address: "ReleaseAddress", token: str | None) -> tuple[StoreReader, str, str]:
    from releases.address import version_at
    from releases.portal_store import PortalStore

    if not token:
        raise UserError(
            f"{address.store_url} is a portal, and gives datasets to those who have a token. Make one on its page "
            "“My tokens” and put it into BOLI_TOKEN."
        )
    portal = PortalStore(address.store_url, token)
    portal.version = version_at(portal, address)
    return portal, address.dataset, portal.version


def pace(done: int, total: int, seconds: float) -> str:
    """How fast bytes come and how long it still takes.

    >>> pace(30_000_000, 90_000_000, 2.0), pace(0, 10, 0.0)
    ('15.0 MB/s, 4 s left', '')
    """
    if not done or seconds <= 0:
        return ""
    left = (total - done) * seconds / done
    return f"{done / seconds / 1e6:.1f} MB/s, " + (
        f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left"
    )


def in_megabytes(done: int, total: int) -> tuple[int, int]:
    return -(-done // 10**6), max(1, -(-total // 10**6))
