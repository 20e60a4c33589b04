"""Client of cider-fleet nodes.

    creds = FleetClient.pair("192.168.1.100", "123456", "my-ci-script")
    client = FleetClient("192.168.1.100", node_id=creds["node_id"])
    token = client.generate_api_token("ci-pipeline", "fullAccess")    # token.token is shown this once
    script = FleetClient("192.168.1.100", api_token=token.token)

A client that knows a node accepts no other at that address; one that has only a token lets the node prove that it knows
the token before sending it. What goes wrong is a `FleetError` with a code of `docs/errors.md`.
"""

from __future__ import annotations

from . import shapes
from .address import DEFAULT_PORT
from .audit import require_signed_head
from .client import DEFAULT_EXEC_TIMEOUT_SECONDS, DEFAULT_TIMEOUT, FleetClient
from .error_table import ERRORS
from .errors import FleetError
from .events import Event, Subscription
from .file_store import FileStore
from .records import Store
from .result import Result
from .token_warning import TokenEndingWarning
from .version import VERSION as __version__

__all__ = [
    "DEFAULT_EXEC_TIMEOUT_SECONDS",
    "DEFAULT_PORT",
    "DEFAULT_TIMEOUT",
    "ERRORS",
    "Event",
    "FileStore",
    "FleetClient",
    "FleetError",
    "Result",
    "Store",
    "Subscription",
    "TokenEndingWarning",
    "__version__",
    "require_signed_head",
    "shapes",
]
