"""How long PostgreSQL keeps what a session holds that is gone, or stands still: nobody waits for the dead for ever.

A process that is killed closes its connection, and its locks go at once. A machine that is switched off closes nothing:
PostgreSQL finds out when it asks, by default after two hours. A process that is stopped answers that question still.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

ASK_AFTER_SECONDS = 30
ASK_EVERY_SECONDS = 10
ASK_TIMES = 3
LOCK_SECONDS = 300.0
"""For which one transaction waits for another's lock."""
IDLE_SECONDS = 1800.0
"""After which a transaction that does nothing is ended: longer than a store that says nothing keeps one waiting."""
ENDED_IDLE = "25P03"
"""SQLSTATE of a transaction that was ended so."""

KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": ASK_AFTER_SECONDS,
    "keepalives_interval": ASK_EVERY_SECONDS,
    "keepalives_count": ASK_TIMES,
}
"""For our end of a connection: whether the server is there."""


def bound_session(connection: "Connection[Any]", _record: object) -> None:
    """Tell the server the same for its end, and how long a lock may be waited for and held by who does nothing."""
    settings = {
        "tcp_keepalives_idle": ASK_AFTER_SECONDS,
        "tcp_keepalives_interval": ASK_EVERY_SECONDS,
        "tcp_keepalives_count": ASK_TIMES,
        "lock_timeout": round(LOCK_SECONDS * 1000),
        "idle_in_transaction_session_timeout": round(IDLE_SECONDS * 1000),
    }
    chosen = ", ".join("set_config(%s, %s, false)" for _ in settings)
    connection.autocommit = True  # in a transaction that is rolled back they would not stay
    connection.execute(f"SELECT {chosen}".encode(), [str(part) for pair in settings.items() for part in pair])
    connection.autocommit = False
