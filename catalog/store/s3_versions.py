"""All that a bucket keeps: every version of an object, the markers that hide them, uploads that were never finished."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from catalog.store.contract import StoredVersion
from catalog.store.errors import StoreRefused
from catalog.store.s3_errors import NOT_IMPLEMENTED, status

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

DELETED_AT_ONCE = 1000  # the most that DeleteObjects takes
_UNVERSIONED = "null"  # what S3 calls the one version of an object in a bucket that keeps no others


def all_versions(client: "S3Client", bucket: str, prefix: str, *, starting: str) -> Iterator[StoredVersion]:
    """Everything under names that start with `prefix` and then `starting`; keys are given without the prefix."""

    def version(name: str, identifier: str, size: int | None, at: datetime) -> StoredVersion:
        return StoredVersion(
            name.removeprefix(prefix), "" if identifier == _UNVERSIONED else identifier, size, at
        )

    start = f"{prefix}{starting}"
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=start):
            for each in page.get("Versions", []):
                yield version(each["Key"], each["VersionId"], each["Size"], each["LastModified"])
            for marker in page.get("DeleteMarkers", []):
                yield version(marker["Key"], marker["VersionId"], None, marker["LastModified"])
    except ClientError as error:
        if status(error) != NOT_IMPLEMENTED:
            raise
        # a server that knows no versions keeps one of each object
        for listed in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start):
            for there in listed.get("Contents", []):
                yield version(there["Key"], _UNVERSIONED, there["Size"], there["LastModified"])
    for name, upload, began in unfinished_uploads(client, bucket, start):
        yield StoredVersion(name.removeprefix(prefix), upload, None, began, unfinished=True)


def unfinished_uploads(client: "S3Client", bucket: str, prefix: str) -> Iterator[tuple[str, str, datetime]]:
    """Names, ids and beginnings of unfinished multipart uploads."""
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
        for upload in page.get("Uploads", []):
            yield upload["Key"], upload["UploadId"], upload["Initiated"]


def delete_versions(client: "S3Client", bucket: str, prefix: str, versions: Sequence[StoredVersion]) -> None:
    """Destroy exactly these. Raises StoreRefused with the first that the server keeps."""
    for each in versions:
        if each.unfinished:
            _abort(client, bucket, f"{prefix}{each.key}", each.version)
    objects: list[ObjectIdentifierTypeDef] = [
        {"Key": f"{prefix}{each.key}", "VersionId": each.version or _UNVERSIONED}
        for each in versions
        if not each.unfinished
    ]
    for first in range(0, len(objects), DELETED_AT_ONCE):
        page = objects[first : first + DELETED_AT_ONCE]
        said = client.delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
        kept = [
            each for each in said.get("Errors", []) if each.get("Code") not in ("NoSuchKey", "NoSuchVersion")
        ]
        if kept:
            raise StoreRefused(
                f"the bucket {bucket} did not delete {len(kept)} objects, the first is {kept[0].get('Key')} "
                f"({kept[0].get('Code')}: {kept[0].get('Message')}). A lock or a policy may keep them: lift it, "
                "then run the same command again."
            )


def _abort(client: "S3Client", bucket: str, name: str, upload: str) -> None:
    try:
        client.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
