"""What operations answer, as types. Times are RFC 3339 UTC with milliseconds; GB are 2^30 bytes.

Made by `npm run generate:python` from the project's tables; change those.
"""

from __future__ import annotations

from typing import ClassVar, List, Literal, Mapping, Optional, Tuple, Type

from .result import Result

__all__ = [
    "ActivityPage",
    "ActivityPageRows",
    "AuditEntry",
    "AuditEntryChanges",
    "AuditPage",
    "BeganPairing",
    "BurnTokenResult",
    "ClosePairingResult",
    "EndedToken",
    "Examination",
    "ExaminationFindings",
    "ExchangedToken",
    "FinishedPairing",
    "GetMetricsResult",
    "GetReadyResult",
    "Health",
    "Introspection",
    "IssuedToken",
    "ListProjectTokensResult",
    "ListVMsResult",
    "NodeInfo",
    "NodeStats",
    "NodeStatus",
    "NodeStatusDiscovery",
    "PairingWindow",
    "PairingWindowAddresses",
    "Peer",
    "PeerPage",
    "ProjectToken",
    "RemovePeerResult",
    "RevokedTokens",
    "RotatedToken",
    "RotatedTokenPrevious",
    "Scopes",
    "ScopesScopes",
    "Self",
    "SignedHead",
    "Token",
    "TokenPage",
    "TokenProved",
    "VerifiedAudit",
    "VerifiedAuditFault",
]


class Health(Result):
    """Members of an answer."""

    status: Literal["ok", "degraded"]
    version: str
    node_id: str
    fleet_id: str
    name: str
    uptime_seconds: int
    pairing: Literal["open", "closed"]
    discovery: Literal["on", "off", "degraded"]
    tokens_ending_soon: int


class NodeInfo(Result):
    """Members of an answer."""

    name: str
    node_id: str
    machine_model: str
    os_version: str
    fleet_version: str
    cpu_cores: int
    total_memory_gb: float


class NodeStats(Result):
    """Members of an answer."""

    cpu_usage_percent: float
    memory_used_gb: float
    memory_total_gb: float
    disk_used_gb: float
    disk_total_gb: float
    running_vm_count: int
    total_vm_count: int


class NodeStatusDiscovery(Result):
    """Members of an answer."""

    state: Literal["on", "off", "degraded"]
    reason: Optional[str]
    interfaces: List[str]


class NodeStatus(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"discovery": NodeStatusDiscovery}
    node_id: str
    fleet_id: str
    fingerprint: str
    name: str
    version: str
    pid: int
    started_at: str
    port: int
    addresses: List[str]
    socket: str
    data_dir: str
    peers: int
    tokens: int
    tokens_ending_soon: int
    pairing: Literal["open", "closed"]
    plaintext: Literal["loopback", "lan", "never"]
    discovery: NodeStatusDiscovery


class Self(Result):
    """Members of an answer."""

    actor: str
    scopes: List[str]
    name: Optional[str]
    operations: List[str]
    expires_at: Optional[str]
    rotated_to: Optional[str]


class PairingWindowAddresses(Result):
    """Members of an answer."""

    address: str
    attempts: int


class PairingWindow(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"addresses": PairingWindowAddresses}
    _secrets: ClassVar[Tuple[str, ...]] = ("code", "link",)
    code: str
    link: str
    role: Literal["viewer", "operator", "admin"]
    ways: List[Literal["code", "link"]]
    channels: List[Literal["pinned", "loopback", "blind", "plain"]]
    seconds_left: int
    attempts_left: Optional[int]
    addresses: List[PairingWindowAddresses]


class ClosePairingResult(Result):
    """Members of an answer."""

    closed: bool


class BeganPairing(Result):
    """Members of an answer."""

    version: int
    max_version: int
    sid: str
    node_key: str
    node_name: str
    role: Literal["viewer", "operator", "admin"]
    share: str
    confirm: str
    attempts_left: Optional[int]
    seconds_left: int


class FinishedPairing(Result):
    """Members of an answer."""

    node_id: str
    role: Literal["viewer", "operator", "admin"]
    responder_node_id: str
    responder_name: str
    proof: str


class Peer(Result):
    """Members of an answer."""

    id: str
    public_key: str
    fingerprint: str
    name: str
    kind: Literal["app", "sdk", "cli", "browser", "node"]
    role: Literal["viewer", "operator", "admin"]
    way: Literal["code", "link", "key"]
    channel: Optional[Literal["pinned", "loopback", "blind", "plain"]]
    paired_at: str
    paired_from: str
    last_seen_at: Optional[str]
    last_seen_from: Optional[str]


class PeerPage(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"peers": Peer}
    peers: List[Peer]
    cursor: Optional[str]


class RemovePeerResult(Result):
    """Members of an answer."""

    id: str
    tokens_revoked: int
    connections_closed: int


class IssuedToken(Result):
    """Members of an answer."""

    _secrets: ClassVar[Tuple[str, ...]] = ("token",)
    id: str
    name: str
    token_prefix: str
    permissions: Literal["readOnly", "fullAccess", "custom"]
    scopes: List[str]
    owner: str
    status: Literal["active", "expired", "revoked"]
    created_at: str
    created_by: str
    expires_at: Optional[str]
    last_used_at: Optional[str]
    last_used_from: Optional[str]
    use_count: int
    allowed_ips: List[str]
    requests_per_minute: Optional[int]
    rotated_from: str
    rotated_to: str
    grace_until: str
    token: str


class Token(Result):
    """Members of an answer."""

    id: str
    name: str
    token_prefix: str
    permissions: Literal["readOnly", "fullAccess", "custom"]
    scopes: List[str]
    owner: str
    status: Literal["active", "expired", "revoked"]
    created_at: str
    created_by: str
    expires_at: Optional[str]
    last_used_at: Optional[str]
    last_used_from: Optional[str]
    use_count: int
    allowed_ips: List[str]
    requests_per_minute: Optional[int]
    rotated_from: str
    rotated_to: str
    grace_until: str


class TokenPage(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"tokens": Token}
    tokens: List[Token]
    cursor: Optional[str]


class RotatedTokenPrevious(Result):
    """Members of an answer."""

    id: str
    grace_until: Optional[str]
    last_used_at: Optional[str]
    last_used_from: Optional[str]


class RotatedToken(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"previous": RotatedTokenPrevious}
    _secrets: ClassVar[Tuple[str, ...]] = ("token",)
    id: str
    name: str
    token_prefix: str
    permissions: Literal["readOnly", "fullAccess", "custom"]
    scopes: List[str]
    owner: str
    status: Literal["active", "expired", "revoked"]
    created_at: str
    created_by: str
    expires_at: Optional[str]
    last_used_at: Optional[str]
    last_used_from: Optional[str]
    use_count: int
    allowed_ips: List[str]
    requests_per_minute: Optional[int]
    rotated_from: str
    rotated_to: str
    grace_until: str
    token: str
    previous: RotatedTokenPrevious
    connections_closed: int


class RevokedTokens(Result):
    """Members of an answer."""

    tokens: List[str]
    connections_closed: int
    milliseconds: float


class EndedToken(Result):
    """Members of an answer."""

    id: str
    status: Literal["active", "expired", "revoked", "deleted"]
    connections_closed: int


class ScopesScopes(Result):
    """Members of an answer."""

    scope: str
    grantable: bool
    in_use: bool
    operations: List[str]


class Scopes(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"scopes": ScopesScopes}
    scopes: List[ScopesScopes]


class TokenProved(Result):
    """Members of an answer."""

    node_key: str
    proof: str


class ProjectToken(Result):
    """Members of an answer."""

    _secrets: ClassVar[Tuple[str, ...]] = ("token",)
    id: str
    token: str
    name: str
    permissions: List[str]
    created_at: str


class ListProjectTokensResult(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"tokens": ProjectToken}
    tokens: List[ProjectToken]
    cursor: Optional[str]


class ExchangedToken(Result):
    """Members of an answer."""

    _secrets: ClassVar[Tuple[str, ...]] = ("access_token",)
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    expires: str
    scope: str


class Introspection(Result):
    """Members of an answer."""

    active: bool
    scope: str
    client_id: str
    sub: str
    token_type: Literal["bearer"]
    exp: int
    iat: int


class BurnTokenResult(Result):
    """An answer without members."""



class AuditEntryChanges(Result):
    """Members of an answer."""

    type: str


class AuditEntry(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"changes": AuditEntryChanges}
    seq: int
    hash: str
    at: str
    actor: str
    request: str
    operation: str
    from_: Optional[str]
    outcome: Literal["done", "refused"]
    refusal: Optional[str]
    changes: List[AuditEntryChanges]


class AuditPage(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"entries": AuditEntry}
    entries: List[AuditEntry]
    cursor: Optional[str]


class SignedHead(Result):
    """Members of an answer."""

    node_id: str
    node_key: str
    seq: int
    hash: str
    at: str
    signature: str


class VerifiedAuditFault(Result):
    """Members of an answer."""

    file: str
    line: int
    seq: int
    reason: str


class VerifiedAudit(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"fault": VerifiedAuditFault}
    ok: bool
    from_: int
    seq: int
    hash: str
    segments: int
    fault: Optional[VerifiedAuditFault]


class ActivityPageRows(Result):
    """Members of an answer."""

    operation: str
    actor: str
    from_: str
    count: int
    last: str


class ActivityPage(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"rows": ActivityPageRows}
    rows: List[ActivityPageRows]
    cursor: Optional[str]


class GetReadyResult(Result):
    """Members of an answer."""

    ready: Literal[True]


class GetMetricsResult(Result):
    """Members of an answer."""

    text: str


class ExaminationFindings(Result):
    """Members of an answer."""

    code: str
    level: Literal["ok", "warn", "error"]
    what: str
    why: str
    remedy: Optional[str]
    fixable: bool


class Examination(Result):
    """Members of an answer."""

    _shapes: ClassVar[Mapping[str, Type[Result]]] = {"findings": ExaminationFindings}
    findings: List[ExaminationFindings]
    mended: List[str]


class ListVMsResult(Result):
    """Members of an answer."""

    vms: List[Result]
