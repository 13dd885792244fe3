"""The way in for the demo's sample accounts: a new PIN and a link each, shown once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from boli.demo.sample_people import BY, SAMPLES, SamplePerson
from portal.access import entry, pin
from portal.access.invites import link_of, make_invite
from portal.context import PortalContext
from transcription.people import find_person

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Key:
    """link: opened in a browser, once, it asks for the PIN"""

    sample: SamplePerson
    pin: str
    link: str


def new_keys(portal_context: PortalContext) -> list[Key]:
    """A key for each sample account that there is. Those of the time before hold no longer."""
    with portal_context.catalog.reading() as session:
        people = {sample.handle: find_person(session, sample.handle) for sample in SAMPLES}
    keys = []
    for sample in SAMPLES:
        if (person := people[sample.handle]) is not None:
            person_id = person.id
            chosen = _random_pin(sample.handle)
            hashed = pin.hash_of(chosen)
            now = portal_context.clock()
            with portal_context.catalog.writing() as session:
                entry.set_secret(session, person_id, hashed, by=BY, now=now)
                code = make_invite(session, person_id, made_by=BY, now=now, lasts=LASTS)
            keys.append(Key(sample, chosen, link_of(portal_context.address, code)))
    return keys


def _random_pin(handle: str) -> str:
    """Six digits that are none of those which a thief tries first."""
    while True:
        drawn = f"{secrets.randbelow(10**pin.PIN_DIGITS):0{pin.PIN_DIGITS}}"
        try:
            return pin.check_new(drawn, drawn, handle=handle)
        except pin.WeakSecret:
            continue
