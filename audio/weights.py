"""Networks' published weights, read from safetensors files."""

import json
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

_TYPES = {"F32": "<f4", "F16": "<f2"}


def read_safetensors(path: Path) -> dict[str, Array]:
    """Every array of a safetensors file as float32: eight bytes of header length, a JSON header, the numbers."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    numbers = memoryview(content)[8 + length :]
    return {
        name: np.frombuffer(numbers[slice(*entry["data_offsets"])], _TYPES[entry["dtype"]])
        .reshape(entry["shape"])
        .astype(np.float32, copy=False)
        for name, entry in header.items()
        if name != "__metadata__"
    }
