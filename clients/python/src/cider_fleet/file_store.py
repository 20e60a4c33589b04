"""The store as files, the same that the CLI and the TypeScript SDK use: `key.json`, and `nodes/<node id>.json` for each node.

Files are 0600 in folders of 0700 and are replaced whole and durably; a file that others may read or write is refused,
with the command that mends it. A key that is there is never replaced: of two programs that make one at once, one wins.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterator, List, Mapping, Optional

from .errors import FleetError

_NAME = re.compile(r"(?:key|nodes/[0-9a-f-]{36})\Z")
_SUFFIX = ".json"


def config_folder(env: Mapping[str, str], platform: str, home: Path) -> Path:
    """Returns where this user's clients keep their key and nodes.

    `$CIDER_CONFIG_DIR`; else on macOS `cider-fleet-client` below Application Support, on Windows below `%APPDATA%`,
    elsewhere `cider-fleet` below `$XDG_CONFIG_HOME` (relative values are ignored).
    """
    named = env.get("CIDER_CONFIG_DIR", "")
    if named:
        return Path(os.path.abspath(named))
    if platform == "darwin":
        return home / "Library" / "Application Support" / "cider-fleet-client"
    if platform == "win32":
        return Path(env.get("APPDATA") or home / "AppData" / "Roaming") / "cider-fleet-client"
    config = env.get("XDG_CONFIG_HOME", "")
    return (Path(config) if os.path.isabs(config) else home / ".config") / "cider-fleet"


class FileStore:
    """Texts under names, in files below a folder that is made when the first thing is kept."""

    def __init__(self, folder: Optional[Path] = None) -> None:
        self.folder = config_folder(os.environ, sys.platform, Path.home()) if folder is None else Path(folder)

    def get(self, name: str) -> Optional[str]:
        """Returns the text, or None. Raises STORE_UNUSABLE when the file is not private or cannot be read."""
        path = self._path_of(name)
        with _guarded(path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                return None
            _require_private(path, 0o077)
            return data.decode("utf-8", "replace")

    def set(self, name: str, text: str) -> None:
        """Keeps the text; a key that is there already stays. Raises STORE_UNUSABLE."""
        path = self._path_of(name)
        with _guarded(path):
            _make_folders(path.parent)
            _require_private(self.folder, 0o022)
            if name == "key":
                _create_durably(path, text)
            else:
                _write_durably(path, text)

    def list(self) -> List[str]:
        """Returns the names of all nodes."""
        folder = self.folder / "nodes"
        with _guarded(folder):
            try:
                files = sorted(os.listdir(folder))
            except FileNotFoundError:
                return []
        names = [f"nodes/{file[: -len(_SUFFIX)]}" for file in files if file.endswith(_SUFFIX)]
        return [name for name in names if _NAME.match(name)]

    def _path_of(self, name: str) -> Path:
        if not _NAME.match(name):
            raise ValueError("not a name of the client's store")
        return self.folder / f"{name}{_SUFFIX}"


def _make_folders(folder: Path) -> None:
    """`Path.mkdir(parents=True)` gives parents the default mode; these are all private."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def _create_durably(path: Path, text: str) -> None:
    """Writes the file unless there is one: of two programs, one wins, and neither sees half a file."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    _write_durably(temporary, text)
    try:
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def _write_durably(path: Path, text: str) -> None:
    """Exclusive temporary file in the same folder, write, sync, rename, sync the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # Only a process of this id, now dead, can have left this name.
    if temporary.is_symlink() or temporary.exists():
        temporary.unlink()
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            _sync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        if temporary.exists():
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    """On macOS `fsync` leaves the bytes in the drive's own cache."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _require_private(path: Path, forbidden: int) -> None:
    """POSIX only: Windows keeps a profile folder private by its own means."""
    if os.name != "posix":
        return
    found = path.lstat()
    if found.st_uid != os.geteuid():
        raise _unusable(
            f"{path} belongs to uid {found.st_uid}, this is uid {os.geteuid()}; run as that account, or set CIDER_CONFIG_DIR"
        )
    if found.st_mode & forbidden:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        raise _unusable(f"{path} is open to other accounts; run: chmod {mode} {shlex.quote(str(path))}")


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(f"{path}: {error.strerror or error}") from error


def _unusable(message: str) -> FleetError:
    return FleetError("STORE_UNUSABLE", message)
