"""What is installed: the wheel, with its types and licence, and nothing that a script with a token does not need."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import cider_fleet

PROGRAM = """
from cider_fleet import FleetClient

client = FleetClient("127.0.0.1", api_token="csk_ExampleExampleExampleExample00001VCqge", port=9473, timeout=5)
prefixes: list[str] = [t.token_prefix for t in client.list_api_tokens()]
gigabytes: float = client.get_node_info().total_memory_gb
creds: dict[str, object] = FleetClient.pair("127.0.0.1", "123456", "my-ci-script", 9473)
"""


def check_types(folder: Path, text: str) -> str:
    """Returns what `mypy --strict` says of a program that uses the installed package."""
    (folder / "program.py").write_text(text)
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(folder / "cache"), "program.py"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True).stdout


def test_a_typed_program_is_accepted_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    assert check_types(tmp_path, PROGRAM) == ""
    wrong = PROGRAM + "client.generate_api_token(5)\nclient.get_node_info().no_such_member\nFleetClient(9473)\n"
    said = check_types(tmp_path, wrong)
    assert [line.rpartition("[")[2] for line in said.splitlines()] == ["arg-type]", "attr-defined]", "arg-type]"], said


def test_the_wheel_brings_types_licence_and_two_names() -> None:
    installed = distribution("cider-fleet")
    assert installed.version == cider_fleet.__version__
    files = {str(path) for path in installed.files or []}
    assert {"cider_fleet/py.typed", "ciderstack/py.typed", "ciderstack/__init__.py"} <= files
    assert any(re.search(r"dist-info/.*LICENSE$", path) for path in files)
    assert not any("test" in path for path in files)
    needed = [requirement for requirement in installed.requires or [] if "extra" not in requirement]
    assert sorted(re.split(r"[<>=]", requirement)[0] for requirement in needed) == ["requests", "urllib3"]
