"""Secrets: somebody without one takes as long to refuse as somebody with one."""

from portal.access import pin


def test_the_hash_for_people_without_a_secret_costs_what_everybodys_costs() -> None:
    assert not pin._hasher.check_needs_rehash(pin._NOBODYS)


def test_nobody_knows_what_it_is_the_hash_of_and_nobody_gets_in_with_it() -> None:
    assert not pin.is_right("nobody's", None)
