"""Retention: how long a project keeps what it needs only for a while."""

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

    @property
    def keeps_all(self) -> bool:
        kept = {self.names, self.phones, self.logs, self.rejected_files, self.evidence, self.voices}
        return kept == {"keep"}
