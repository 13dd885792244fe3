"""Where benches write down what they measured: docs/benchmarks.md, each a section of its own."""

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def write_section(bench: str, text: str, *, page: Path = PAGE) -> None:
    """Put the text between the marks of that bench, or at the end of the page."""
    begin, end = f"<!-- {bench}: written by python -m bench.{bench} -->", f"<!-- end of {bench} -->"
    whole = page.read_text(encoding="utf-8")
    section = f"{begin}\n{text}\n{end}"
    if begin in whole:
        before, rest = whole.split(begin, 1)
        whole = before + section + rest.split(end, 1)[1]
    else:
        whole = whole.rstrip() + "\n\n" + section + "\n"
    page.write_text(whole, encoding="utf-8")
