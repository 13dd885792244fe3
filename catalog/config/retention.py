"""Retention: how long a project keeps what it needs only for a while."""

from dataclasses import fields
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Days = Annotated[int, Field(ge=1, le=36_500)] | Literal["keep"]


@dataclass(frozen=True, slots=True, config=ConfigDict(strict=True, extra="forbid"))
class Retention:
    """Days, or `keep`. What is under a legal hold stays longer."""

    names: Days = "keep"
    """Names of speakers and of their guardians, after the last that came from them."""
    phones: Days = "keep"
    """Phone numbers of speakers, after the last that came from them."""
    logs: Days = "keep"
    """Sign-ins that are over, what senders wrote beside finished uploads, and what machines said of failures. The
    audit log, which is chained, always stays."""
    rejected_files: Days = "keep"
    """The bytes of files and recordings that were refused; that they came and why they were refused stays."""
    evidence: Days = "keep"
    """The spoken or signed yes of a speaker who took it back, after the withdrawal. That of a standing yes stays."""

    voices: Days = "keep"
    """Embeddings by which voices are compared, after they were made; who sounds like whom goes with them."""

    transfers: Days = "keep"
    """How uploads came in, after they began: their receipts then stand with the files alone."""
    drafts: Days = "keep"
    """Texts saved on the way, where the same person saved or sent a later one; the last words always stay."""

    @property
    def keeps_all(self) -> bool:
        return all(getattr(self, rule.name) == "keep" for rule in fields(self))
