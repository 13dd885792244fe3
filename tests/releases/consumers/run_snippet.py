"""Run in the consumers' environment: Python as the documentation shows it, in a folder; print the cuts that it makes.

python run_snippet.py FOLDER FILE
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

code = Path(sys.argv[2]).read_text("utf-8")
os.chdir(sys.argv[1])
given: dict[str, Any] = {}
exec(compile(code, sys.argv[2], "exec"), given)
found = [{"id": cut.id, "samples": cut.load_audio().shape[1]} for cut in given["cuts"]]
print(json.dumps(found))  # noqa: T201
