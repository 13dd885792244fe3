"""One S3 object as a stream that goes on after a broken link."""

import io
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, FlexibleChecksumError

from catalog.store.errors import Damaged
from catalog.store.s3_errors import ABSENT, BROKEN_LINK, PRECONDITION, status, translated

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

DIGEST = "sha256"


class S3Reader(io.RawIOBase):
    """Reads forward; a link that breaks is taken up where it broke, on the same version of the object.

    size:     bytes of the whole object
    recorded: its SHA-256 where its writer has left it
    Opening raises boto3's errors as they are; reading raises the store's.
    """

    def __init__(
        self, client: "S3Client", bucket: str, name: str, *, key: str, url: str, attempts: int
    ) -> None:
        super().__init__()
        self._client = client
        self._bucket = bucket
        self._name = name
        self._what = f"{key} in the store {url}"
        self._attempts = attempts
        self._position = 0
        found = client.get_object(Bucket=bucket, Key=name)
        self._body: StreamingBody = found["Body"]
        self._etag = found["ETag"]
        self.size = found["ContentLength"]
        self.recorded = found["Metadata"].get(DIGEST)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        failures = 0
        while True:
            if failures:
                self._resume()
            try:
                data = self._body.read(len(view))
            except FlexibleChecksumError as error:
                raise translated(error, self._what) from error
            except BROKEN_LINK as error:
                if self._position == self.size:  # all had arrived
                    return 0
                failures += 1
                if failures >= self._attempts:
                    raise translated(error, self._what) from error
                continue
            view[: len(data)] = data
            self._position += len(data)
            return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()

    def _resume(self) -> None:
        self._body.close()
        try:
            found = self._client.get_object(
                Bucket=self._bucket, Key=self._name, Range=f"bytes={self._position}-", IfMatch=self._etag
            )
        except ClientError as error:
            if status(error) in (PRECONDITION, *ABSENT):
                raise Damaged(
                    f"{self._what} was replaced or deleted while it was being read. Read it again."
                ) from error
            raise translated(error, self._what) from error
        except BROKEN_LINK as error:  # boto3 has asked as often as it may: not once more for every piece
            raise translated(error, self._what) from error
        self._body = found["Body"]
