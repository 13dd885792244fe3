"""What the server's log of requests leaves out: a link that lets somebody in is no more a secret once it is logged."""

import logging
import re

LOG = "uvicorn.access"
_CODE = re.compile(r"(/invite/)[^/?\s]+")


class WithoutSecrets(logging.Filter):
    """Writes an invite's code as `…`, and leaves out what follows a question mark: signed links and names."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_clean(each) if isinstance(each, str) else each for each in record.args)
        return True


def keep_secrets_out() -> None:
    """From now on the server's log holds none. Doing it again changes nothing."""
    log = logging.getLogger(LOG)
    if not any(isinstance(each, WithoutSecrets) for each in log.filters):
        log.addFilter(WithoutSecrets())


def _clean(text: str) -> str:
    """
    >>> _clean("/invite/abc?words=1"), _clean("/sound/x?until=1&proof=abc"), _clean("GET")
    ('/invite/…', '/sound/x', 'GET')
    """
    return _CODE.sub(r"\1…", text.partition("?")[0])
