"""What a bucket itself has signed can't be called back: it holds for a minute, and gives nothing that is destroyed."""

import urllib.error
import urllib.request
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.erasure.objects import versions_of
from catalog.store import S3Options, open_store
from portal.datasets.download import sent_object
from tests.servers import S3Server


def test_a_link_of_the_buckets_own_holds_for_a_minute_and_ends_with_the_object(
    s3_server: S3Server, s3_options: S3Options
) -> None:
    bucket = "boli-links"
    s3_server.create_bucket(bucket)
    s3_server.client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store = open_store(f"s3://{bucket}/{uuid.uuid4().hex}", s3_options)
    store.put_bytes("clips/a.flac", b"a voice")

    link = sent_object(store, "clips/a.flac", 7, None).headers["location"]
    with urllib.request.urlopen(link) as answer:
        heard = answer.read()
    store.erase(versions_of(store, "clips/a.flac"))

    assert heard == b"a voice"
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(link)
