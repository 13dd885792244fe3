"""One small object by a signed link: what boto3 does around each request takes four times as long as the request."""

from typing import TYPE_CHECKING

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import HTTPClientError
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS = 300


def get_by_link(
    client: "S3Client", bucket: str, name: str, *, most: int, digest: str
) -> tuple[bytes, str | None] | None:
    """The bytes and the hash that their writer left; None where it is not that simple.

    most:   bytes that are read
    digest: name of the metadata that holds the hash

    An object that is absent, refused or too large, a busy server and a broken link all give None: boto3 is asked then,
    which tries again and says what is wrong.
    """
    link = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": name}, ExpiresIn=LINK_SECONDS
    )
    # The client's own connections, with its proxies, certificates and time limits; boto3 has no public name for them.
    connections = client._endpoint.http_session  # type: ignore[attr-defined]
    request = AWSPreparedRequest("GET", link, HeadersDict(), None, True)  # type: ignore[arg-type]  # as boto3 makes it
    try:
        answer = connections.send(request)
        size = int(answer.headers.get("Content-Length", most + 1))
        if answer.status_code != 200 or size > most:
            answer.raw.close()
            return None
        data = answer.raw.read()
    except (HTTPClientError, HTTPError, OSError):
        return None
    return (data, answer.headers.get(f"x-amz-meta-{digest}")) if len(data) == size else None
