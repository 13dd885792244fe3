"""`boli release push-hub`: a version to Hugging Face's hub, or to a mirror that speaks the same protocol."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.release_target import Json, Token, version_of
from boli.errors import UserError
from boli.output import complain, print_json, say
from catalog.config.settings import load_settings

HUB = "https://huggingface.co"


def register(release: typer.Typer) -> None:
    release.command(name="push-hub")(push_hub)


def push_hub(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    repository: Annotated[
        str, typer.Argument(help="owner/name on the hub; made, and private, if it is not there.")
    ],
    hub_token: Annotated[
        str | None, typer.Option("--hub-token", envvar="HF_TOKEN", help="A token that may write there.")
    ] = None,
    hub: Annotated[str, typer.Option("--hub", envvar="HF_ENDPOINT", help="The hub's address.")] = HUB,
    public: Annotated[
        bool, typer.Option("--public", help="Make a new repository one that all can see.")
    ] = False,
    token: Token = None,
    json: Json = False,
) -> None:
    """Bring a version to a hub, as all that its repository holds: what was there before is taken out of it, of its
    history too, so that nothing stays there of a speaker who withdrew. After a withdrawal, push again.

    [bold]Examples[/]

      HF_TOKEN=hf_… boli release push-hub boli-demo@1.0.0 our-team/boli-demo

      boli release push-hub boli-demo our-team/boli-demo --hub https://hub.example.org
    """
    from releases.marks import mark_of
    from releases.pull import pull
    from releases.push_hub import HubRefused, NoHubClient
    from releases.push_hub import push_hub as push
    from releases.versions import read_version

    if not hub_token:
        raise UserError(f"{hub} takes files of those with a token. Make one there, and put it into HF_TOKEN.")
    store, dataset, version = version_of(target, load_settings(), token)
    said = mark_of(store, read_version(store, dataset, version))
    if said is not None:
        complain(f"{dataset} {version} is {said.kind}: {said.why}")
    with tempfile.TemporaryDirectory(prefix="boli-push-") as folder:
        copy = Path(folder) / dataset
        pull(store, dataset, version, copy)
        label = f"{dataset}@{version}"
        try:
            done = push(
                copy, label=label, repository=repository, token=hub_token, hub=hub, private=not public
            )
        except (HubRefused, NoHubClient) as error:
            raise UserError(str(error)) from error
    if json:
        print_json(done)
    else:
        say(f"✓ {dataset} {version} is {done.url}: {done.files} files, {done.destroyed} of before destroyed.")
