"""S3's many errors, by what the reader has to do about them."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from catalog.store.errors import Damaged, StoreError, StoreFull, StoreRefused, StoreUnavailable

ABSENT = (404, 410)
CONFLICT = 409  # nothing has landed: another conditional write is under way
PRECONDITION = 412  # the object exists
OUT_OF_RANGE = 416  # it ends before
NOT_IMPLEMENTED = 501
NO_ROOM = 507

FULL_CODES = ("InsufficientStorage", "XMinioStorageFull", "QuotaExceeded")
DAMAGED_CODES = ("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch")
BUSY_CODES = ("SlowDown", "RequestTimeout", "ServiceUnavailable", "InternalError", "TooManyRequests")
NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
BROKEN_LINK = (HTTPClientError, ConnectionError, IncompleteReadError, ResponseParserError)
UNREACHABLE = (*BROKEN_LINK, *NO_CREDENTIALS, FlexibleChecksumError)


def status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def translated(error: ClientError | BotoCoreError | ResponseParserError, what: str) -> StoreError:
    """The store's error for one of boto3's, raised while using `what`."""
    if isinstance(error, FlexibleChecksumError):
        return Damaged(f"{what} is not what was stored ({error}). Send the file again from its source.")
    if isinstance(error, NO_CREDENTIALS):
        return StoreRefused(f"{what} needs an access key ({error}). Set one, or a profile that boto3 finds.")
    if not isinstance(error, ClientError):
        return StoreUnavailable(
            f"{what} can't be reached ({type(error).__name__}: {error}). "
            "Check its address and the network, then run the same command again."
        )
    code = str(error.response["Error"].get("Code", ""))
    said = f"{code}: {error.response['Error'].get('Message', '')}, HTTP {status(error)}"
    if status(error) == NO_ROOM or code in FULL_CODES:
        return StoreFull(f"{what} couldn't be written ({said}). Make room, then run the same command again.")
    if code in DAMAGED_CODES:
        return Damaged(f"{what} was changed on its way ({said}). Send it again.")
    if code == "NoSuchUpload":
        return StoreUnavailable(
            f"{what} was dropped half-way by somebody who cleared up ({said}). Run the same command again."
        )
    if code == "NoSuchBucket":
        return StoreRefused(
            f"{what} has no bucket ({said}). Create the bucket, or correct the store's address."
        )
    if status(error) >= 500 or status(error) == 429 or code in BUSY_CODES:
        return StoreUnavailable(f"{what} is busy or ill ({said}). Run the same command again a little later.")
    return StoreRefused(
        f"{what} refused the request ({said}). Check the access key, its rights and this machine's clock."
    )
