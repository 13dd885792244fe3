"""What values in a configuration file may be, shared by its parts."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""Lower case, digits and hyphens: safe in a path, an address and a dataset's name."""
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Version = Annotated[str, StringConstraints(pattern=r"^v[1-9][0-9]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Hours = Annotated[float, Field(gt=0)]
Gender = Literal["female", "male", "other"]
AgeBand = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,3}-[0-9]{1,3}|[0-9]{1,3}\+)$")]
EXACT = ConfigDict(strict=True, extra="forbid")
