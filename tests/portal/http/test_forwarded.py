"""Who asks is told by a proxy of ours, or by nobody."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from catalog.config.settings import Settings
from portal.http.forwarded import ForwardedFor, asking, networks

PROXIES = "10.0.0.0/8,::1"
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


def asked(
    peer: str, headers: list[tuple[str, str]], *, header: str = "x-forwarded-for", proxies: str = PROXIES
) -> str:
    """The address that the application behind is told."""

    async def app(scope, receive, send):
        request = Request(scope)
        await PlainTextResponse(request.client.host if request.client else "")(scope, receive, send)

    wrapped = ForwardedFor(app, header=header, proxies=networks(proxies))
    return TestClient(wrapped, client=(peer, 1)).get("/", headers=headers).text


@pytest.mark.parametrize(
    ("peer", "told", "who"),
    [
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", ["6.6.6.6, unknown"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_counts(peer: str, told: list[str], who: str) -> None:
    assert asked(peer, [("x-forwarded-for", each) for each in told]) == who


def test_another_header_than_the_one_that_was_set_is_not_read() -> None:
    headers = [
        ("x-forwarded-for", "6.6.6.6"),
        ("forwarded", "for=6.6.6.6"),
        ("cf-connecting-ip", "203.0.113.9"),
    ]

    assert asked("10.0.0.1", headers, header="cf-connecting-ip") == "203.0.113.9"


def test_where_no_proxy_is_set_nobody_is_believed() -> None:
    assert asked("127.0.0.1", [("x-forwarded-for", "6.6.6.6")], proxies="") == "127.0.0.1"


@given(ADDRESSES, st.lists(st.one_of(ADDRESSES, st.text(max_size=20)), max_size=8))
def test_a_stranger_is_never_taken_for_somebody_else(peer: str, told: list[str]) -> None:
    proxies = networks("192.0.2.1")
    if peer != "192.0.2.1":
        assert ip_address(asking(peer, told, proxies)) == (
            getattr(ip_address(peer), "ipv4_mapped", None) or ip_address(peer)
        )


@given(ADDRESSES, st.lists(st.one_of(ADDRESSES, st.text(max_size=20)), max_size=8))
def test_whatever_is_written_the_answer_is_an_address(peer: str, told: list[str]) -> None:
    ip_address(asking(peer, told, networks("0.0.0.0/0,::/0")))


@pytest.mark.parametrize("proxies", ["nginx", "10.0.0.0/99", "127.0.0.1;::1"])
def test_proxies_that_are_none_are_refused_with_the_rule(proxies: str) -> None:
    with pytest.raises(ValueError, match="takes addresses or networks such as"):
        Settings(portal_proxies=proxies)
