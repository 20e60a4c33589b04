"""Signing a request as RFC 9421 says, in the profile `cider-fleet-v1` (docs/protocol)."""

from __future__ import annotations

import hashlib
import re
from typing import Mapping, NamedTuple, Optional

from .encoding import lp, to_base64
from .errors import invalid_options
from .keys import SecretKey

_LABEL = "sig1"
_SOCKET_LABEL = "cider-fleet-ws-v1"
_ALGORITHM = "ecdsa-p256-sha256"
_TAG = "cider-fleet-v1"
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}\Z")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "method": re.compile(r"[A-Za-z!#$%&'*+\-.^_`|~0-9]+\Z"),
    "authority": re.compile(r"[\x21-\x7e]+\Z"),
    "target": re.compile(r"/[\x21-\x7e]*\Z"),
    "content_type": re.compile(r"[\x20-\x7e]+\Z"),
}

MAX_LIFETIME = 60
"""Longest `expires` − `created`, in seconds."""


class Signable(NamedTuple):
    """What is signed of a request, exactly as it will be sent: `authority` is the Host field, `target` path and query."""

    method: str
    authority: str
    target: str
    body: bytes = b""
    content_type: Optional[str] = None


def signature_base(components: Mapping[str, str], parameters: str) -> str:
    """Returns the lines that are signed (RFC 9421 §2.5), components in their order; no newline at the end."""
    lines = [f'"{name}": {value}' for name, value in components.items()]
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


def covered_components(request: Signable, node_id: str) -> dict[str, str]:
    """Returns the required components and their values; with a body also its digest and, when sent, its type."""
    for field, form in _FORMS.items():
        value = getattr(request, field)
        # A line break in a value would forge a line of the base.
        if value is not None and form.match(value) is None:
            raise invalid_options(f"{field} holds characters that cannot be sent there")
    path, mark, query = request.target.partition("?")
    components = {
        "@method": request.method,
        "@authority": request.authority.lower(),
        "@path": path,
        "@query": f"?{query}" if mark else "?",
        "cider-node": node_id,
    }
    if request.body:
        components["content-digest"] = f"sha-256=:{to_base64(hashlib.sha256(request.body).digest())}:"
        if request.content_type is not None:
            components["content-type"] = request.content_type.strip()
    return components


def sign_request(
    request: Signable, key: SecretKey, node_id: str, created: int, nonce: str, lifetime: int = MAX_LIFETIME
) -> dict[str, str]:
    """Returns the fields to add. `node_id` is the node this is meant for, as the client stored it, never one it was just told."""
    if _NONCE.match(nonce) is None:
        raise invalid_options("nonce must be 22 to 64 characters of A-Za-z0-9_-")
    if not 1 <= lifetime <= MAX_LIFETIME:
        raise invalid_options(f"lifetime must be 1 to {MAX_LIFETIME} seconds")
    components = covered_components(request, node_id)
    names = " ".join(f'"{name}"' for name in components)
    parameters = (
        f'({names});created={created};expires={created + lifetime};nonce="{nonce}"'
        f';keyid="{key.node_id}";alg="{_ALGORITHM}";tag="{_TAG}"'
    )
    signature = key.sign(signature_base(components, parameters).encode())
    names_sent: tuple[str, ...] = ("cider-node", "content-digest")
    return {
        **{name: components[name] for name in names_sent if name in components},
        "signature-input": f"{_LABEL}={parameters}",
        "signature": f"{_LABEL}=:{to_base64(signature)}:",
    }


def socket_message(nonce: bytes, node_id: str, signer: str) -> bytes:
    """Returns the bytes that `authenticate` signs on a WebSocket: for this greeting, for this node, by this signer."""
    return lp(_SOCKET_LABEL, nonce, node_id, signer)
