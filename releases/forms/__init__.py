"""A pulled version in the form that a tool reads: views, made from its Parquet files and made again at every pull."""

from collections.abc import Callable, Mapping, Sequence

from releases.forms import (
    commonvoice,
    ctm,
    eaf,
    files,
    kaldi,
    lhotse,
    nemo,
    pairs,
    shar,
    textgrid,
    ulca,
    webdataset,
)
from releases.forms.folder import FormFolder
from releases.forms.source import PulledVersion

Write = Callable[[PulledVersion, FormFolder], None]

FORMS: Mapping[str, Write] = {
    "files": files.write,
    "nemo": nemo.write,
    "lhotse": lhotse.write,
    "shar": shar.write,
    "kaldi": kaldi.write,
    "webdataset": webdataset.write,
    "commonvoice": commonvoice.write,
    "ulca": ulca.write,
    "textgrid": textgrid.write,
    "ctm": ctm.write,
    "eaf": eaf.write,
    "pairs": pairs.write,
}


def write_forms(names: Sequence[str], version: PulledVersion, out: FormFolder) -> None:
    """Write the forms into a copy. Raises PullFailed where somebody else's file is in the way."""
    for name in names:
        FORMS[name](version, out)
