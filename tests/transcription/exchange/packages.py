"""Work packages for tests: one of three real sentences, and any that the rules allow."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from transcription.exchange import ClipLocation, Item, Package, SampleSpan, Ticket
from transcription.exchange.package import digest

MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXTS = ("నేను రేపు ఊరికి వెళ్తాను", 'అతను "రా" అన్నాడు <noise>', "")


def item(
    number: int, text: str, span: SampleSpan, *, sound: str = "package.wav", given: str = "", note: str = ""
) -> Item:
    return Item(
        Ticket(
            clip=f"clip-{number}",
            task=f"task-{number}",
            slot=f"slot-{number}",
            token=number + 1,
            language="te",
            guideline="te@v1",
            speaker="te-001",
            recording="recording-1",
            span=SampleSpan(number * 64_000 + 7, number * 64_000 + 48_007, 44_100),
            place=ClipLocation(sound, span),
            given=digest(given),
            note=note,
        ),
        text,
    )


def package_of(*items: Item) -> Package:
    return Package("demo", "asha", MADE, items)


def three() -> Package:
    """Three clips of 3 s with half a second between."""
    spans = [SampleSpan(start, start + 48_000, 16_000) for start in (0, 56_000, 112_000)]
    return package_of(*(item(number, text, spans[number]) for number, text in enumerate(TEXTS)))


def with_texts(package: Package, *texts: str) -> Package:
    items = (Item(each.ticket, text) for each, text in zip(package.items, texts, strict=True))
    return Package(package.project, package.person, package.made_at, tuple(items))


UNHELD = "\0\r"
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=UNHELD), max_size=12)
# What formats trip over, more often than chance brings it.
awkward = st.lists(
    st.sampled_from(
        ['"', '""', "\n", "\t", "\\", "\\n", "#2 ", "<", "&", "]]>", "=1+1", ",", ";", " ", "!", "0.5", "<exists>",
         "\u2028", "\x85", "\x0b", "\ufeff", "\u200d", "'", "క్ష", "item [2]:", "text = ", "{", "</A>"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
texts = st.one_of(any_text, awkward)


@st.composite
def packages(draw: st.DrawFn, words: st.SearchStrategy[str] = texts) -> Package:
    """Up to five clips in a row, touching or not, at any rate, down to single samples."""
    rate = draw(st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]))
    items: list[Item] = []
    reached = 0
    for number in range(draw(st.integers(1, 5))):
        start = reached + draw(st.one_of(st.just(0), st.integers(0, 10**9)))
        reached = start + draw(st.one_of(st.integers(1, 40), st.integers(1, 10**7)))
        span = SampleSpan(start, reached, rate)
        items.append(item(number, draw(words), span, given=draw(words), note=draw(words)))
    return package_of(*items)
