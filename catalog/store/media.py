"""The media type of an object as a browser gets it, by the ending of its key."""

MEDIA_TYPES = {
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
    "amr": "audio/amr",
    "3gp": "audio/3gpp",
    "wma": "audio/x-ms-wma",
    "au": "audio/basic",
    "sph": "audio/x-nist",
    "spx": "audio/ogg",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def media_type(key: str) -> str:
    return MEDIA_TYPES.get(key.rpartition(".")[2].lower(), "application/octet-stream")
