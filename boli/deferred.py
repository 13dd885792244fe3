"""A command that is loaded when it is called: `boli --help` names them all and needs none of their rooms."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class DeferredCommand(TyperCommand):
    """A name and a line of help in the list of commands; the module behind it is imported at the first call."""

    def __init__(self, name: str, module: str, help: str) -> None:
        """
        module: has `register(app)`, which gives a Typer application the command `name`
        help:   the first paragraph of the command's own help (a test holds them equal)
        """
        super().__init__(name, short_help=help, rich_markup_mode="rich")
        self.module = module

    def load(self) -> TyperCommand | TyperGroup:
        """The command itself, or the group of that name."""
        app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False, add_completion=False)
        import_module(self.module).register(app)
        command = typer.main.get_group(app).commands[self.name or ""]
        assert isinstance(command, TyperCommand | TyperGroup)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Where parsing of a command's own words begins: from here on the real one answers."""
        return self.load().make_context(*args, **kwargs)
