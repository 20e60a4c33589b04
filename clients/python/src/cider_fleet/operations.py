"""Every operation as a method.

Made by `npm run generate:python` from the project's tables; change those.
"""

from __future__ import annotations

from typing import Any, List, Literal, Mapping, Optional, Sequence, Union

from .given import UNSET, Unset, given
from .result import Result
from .shapes import (
    ActivityPage,
    AuditEntry,
    AuditPage,
    BeganPairing,
    BurnTokenResult,
    ClosePairingResult,
    EndedToken,
    Examination,
    ExchangedToken,
    FinishedPairing,
    GetMetricsResult,
    GetReadyResult,
    Health,
    Introspection,
    IssuedToken,
    ListProjectTokensResult,
    ListVMsResult,
    NodeInfo,
    NodeStats,
    NodeStatus,
    PairingWindow,
    Peer,
    PeerPage,
    ProjectToken,
    RemovePeerResult,
    RevokedTokens,
    RotatedToken,
    Scopes,
    Self,
    SignedHead,
    Token,
    TokenPage,
    TokenProved,
    VerifiedAudit,
)


class Operations:
    """Every operation of a node as a method. `_call` is brought by whoever can send a request."""

    def _call(self, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotImplementedError

    def get_health(self) -> Health:
        """Tells whether the node is well; for monitors and for finding it on the LAN."""
        return Health(self._call("GetHealth", {}))

    def get_node_info(self) -> NodeInfo:
        """Describes the node and its machine."""
        return NodeInfo(self._call("GetNodeInfo", {}))

    def get_node_stats(self) -> NodeStats:
        """Measures the machine: CPU, memory, disk."""
        return NodeStats(self._call("GetNodeStats", {}))

    def rename_node(self, name: str) -> NodeInfo:
        """Gives the node another name."""
        return NodeInfo(self._call("RenameNode", {"name": name}))

    def get_status(self) -> NodeStatus:
        """Tells whoever runs the node where it listens and keeps its data."""
        return NodeStatus(self._call("GetStatus", {}))

    def get_self(self) -> Self:
        """Tells the caller who it is to this node, and what it may do."""
        return Self(self._call("GetSelf", {}))

    def get_pairing(self) -> PairingWindow:
        """Shows the open pairing window."""
        return PairingWindow(self._call("GetPairing", {}))

    def open_pairing(
        self,
        role: Optional[Literal["viewer", "operator", "admin"]] = None,
        ways: Optional[Sequence[Literal["code", "link"]]] = None,
        *,
        channels: Optional[Sequence[Literal["blind", "plain"]]] = None,
        seconds: Optional[int] = None,
        for_key: Optional[str] = None,
    ) -> PairingWindow:
        """Opens a pairing window with a code, a link, or both."""
        return PairingWindow(
            self._call("OpenPairing", given({"role": role, "ways": ways, "channels": channels, "seconds": seconds, "forKey": for_key})),
        )

    def renew_pairing_code(self) -> PairingWindow:
        """Replaces the digits of the open window, as after five wrong codes."""
        return PairingWindow(self._call("RenewPairingCode", {}))

    def close_pairing(self) -> ClosePairingResult:
        """Closes the pairing window; its code and link are worth nothing from then on."""
        return ClosePairingResult(self._call("ClosePairing", {}))

    def begin_pairing(
        self,
        version: Literal[1],
        max_version: int,
        *,
        client_key: str,
        name: str,
        kind: Literal["app", "sdk", "cli", "browser", "node"],
        way: Literal["code", "link"],
        channel: Literal["pinned", "loopback", "blind", "plain"],
        share: str,
        role: Optional[Literal["viewer", "operator", "admin"]] = None,
    ) -> BeganPairing:
        """First round trip of SPAKE2+ pairing."""
        return BeganPairing(
            self._call("BeginPairing", {**{"version": version, "maxVersion": max_version, "clientKey": client_key, "name": name, "kind": kind, "way": way, "channel": channel, "share": share}, **given({"role": role})}),
        )

    def finish_pairing(self, sid: str, confirm: str, *, proof: str) -> FinishedPairing:
        """Second round trip of SPAKE2+ pairing; registers the client's key as a peer."""
        return FinishedPairing(self._call("FinishPairing", {"sid": sid, "confirm": confirm, "proof": proof}))

    def list_peers(
        self,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        *,
        role: Optional[Literal["viewer", "operator", "admin"]] = None,
        q: Optional[str] = None,
        sort: Optional[Literal["pairedAt", "-pairedAt", "name", "-name", "lastSeenAt", "-lastSeenAt"]] = None,
    ) -> PeerPage:
        """Lists the keys this node trusts."""
        return PeerPage(self._call("ListPeers", given({"limit": limit, "cursor": cursor, "role": role, "q": q, "sort": sort})))

    def add_peer(
        self,
        public_key: str,
        name: str,
        *,
        role: Literal["viewer", "operator", "admin"],
        kind: Optional[Literal["app", "sdk", "cli", "browser", "node"]] = None,
    ) -> Peer:
        """Trusts a key that was made elsewhere, without pairing."""
        return Peer(self._call("AddPeer", {**{"publicKey": public_key, "name": name, "role": role}, **given({"kind": kind})}))

    def update_peer(
        self,
        id: str,
        name: Optional[str] = None,
        *,
        role: Optional[Literal["viewer", "operator", "admin"]] = None,
    ) -> Peer:
        """Gives a peer another name or role; open connections feel it at their next call and event."""
        return Peer(self._call("UpdatePeer", {**{"id": id}, **given({"name": name, "role": role})}))

    def remove_peer(self, id: str, with_created: Optional[bool] = None) -> RemovePeerResult:
        """Ends trust in a key, with its connections and personal tokens."""
        return RemovePeerResult(self._call("RemovePeer", {**{"id": id}, **given({"withCreated": with_created})}))

    def generate_api_token(
        self,
        name: str,
        permissions: Optional[Literal["readOnly", "fullAccess", "custom"]] = None,
        *,
        scopes: Optional[Sequence[str]] = None,
        expires_at: Union[str, None, Unset] = UNSET,
        expires: Optional[str] = None,
        owner: Optional[str] = None,
        allowed_ips: Optional[Sequence[str]] = None,
        requests_per_minute: Union[int, None, Unset] = UNSET,
    ) -> IssuedToken:
        """Issues a token; its text is in this answer and nowhere else."""
        return IssuedToken(
            self._call("GenerateAPIToken", {**{"name": name}, **given({"permissions": permissions, "scopes": scopes, "expires": expires, "owner": owner, "allowedIps": allowed_ips}, {"expiresAt": expires_at, "requestsPerMinute": requests_per_minute})}),
        )

    def register_api_token(
        self,
        name: str,
        hash: str,
        *,
        permissions: Optional[Literal["readOnly", "fullAccess", "custom"]] = None,
        scopes: Optional[Sequence[str]] = None,
        expires_at: Union[str, None, Unset] = UNSET,
        expires: Optional[str] = None,
        owner: Optional[str] = None,
        allowed_ips: Optional[Sequence[str]] = None,
        requests_per_minute: Union[int, None, Unset] = UNSET,
    ) -> Token:
        """Registers a token by the hash of its text, so that one token is good on many nodes; twice is as once."""
        return Token(
            self._call("RegisterAPIToken", {**{"name": name, "hash": hash}, **given({"permissions": permissions, "scopes": scopes, "expires": expires, "owner": owner, "allowedIps": allowed_ips}, {"expiresAt": expires_at, "requestsPerMinute": requests_per_minute})}),
        )

    def list_api_tokens(
        self,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        *,
        status: Optional[Literal["active", "expired", "revoked"]] = None,
        owner: Optional[str] = None,
        q: Optional[str] = None,
        sort: Optional[Literal["createdAt", "-createdAt", "name", "-name", "lastUsedAt", "-lastUsedAt", "expiresAt", "-expiresAt"]] = None,
    ) -> List[Token]:
        """Lists tokens, never their texts."""
        return TokenPage(
            self._call("ListAPITokens", given({"limit": limit, "cursor": cursor, "status": status, "owner": owner, "q": q, "sort": sort})),
        ).tokens

    def get_api_token(self, id: str) -> Token:
        """Shows one token's record."""
        return Token(self._call("GetAPIToken", {"id": id}))

    def update_api_token(
        self,
        id: str,
        name: Optional[str] = None,
        *,
        permissions: Optional[Literal["readOnly", "fullAccess", "custom"]] = None,
        scopes: Optional[Sequence[str]] = None,
        expires_at: Union[str, None, Unset] = UNSET,
        expires: Optional[str] = None,
        allowed_ips: Optional[Sequence[str]] = None,
        requests_per_minute: Union[int, None, Unset] = UNSET,
    ) -> Token:
        """Changes a token's name, rights, expiry or addresses; its text stays, and what has ended stays ended."""
        return Token(
            self._call("UpdateAPIToken", {**{"id": id}, **given({"name": name, "permissions": permissions, "scopes": scopes, "expires": expires, "allowedIps": allowed_ips}, {"expiresAt": expires_at, "requestsPerMinute": requests_per_minute})}),
        )

    def rotate_api_token(self, id: str, grace: Optional[str] = None) -> RotatedToken:
        """Issues a token in the place of another, which stays good for a grace."""
        return RotatedToken(self._call("RotateAPIToken", {**{"id": id}, **given({"grace": grace})}))

    def rotate_self(self) -> RotatedToken:
        """Gives the calling token another text, where that is configured; the old one ends at once."""
        return RotatedToken(self._call("RotateSelf", {}))

    def revoke_api_tokens(
        self,
        all: Optional[bool] = None,
        owner: Optional[str] = None,
        *,
        created_by: Optional[str] = None,
        name: Optional[str] = None,
        except_: Optional[Sequence[str]] = None,
    ) -> RevokedTokens:
        """Ends all tokens, or those of an owner, a creator or a name, at once, and says how many."""
        return RevokedTokens(
            self._call("RevokeAPITokens", given({"all": all, "owner": owner, "createdBy": created_by, "name": name, "except": except_})),
        )

    def burn_api_token(self, token: str) -> EndedToken:
        """Ends the very token or bearer that is presented; for whoever finds one that leaked."""
        return EndedToken(self._call("BurnAPIToken", {"token": token}))

    def list_scopes(self) -> Scopes:
        """Lists the scopes and wildcards a token can hold, and which of them allow anything yet."""
        return Scopes(self._call("ListScopes", {}))

    def revoke_api_token(self, id: str) -> EndedToken:
        """Ends a token at once and keeps its record; this cannot be undone."""
        return EndedToken(self._call("RevokeAPIToken", {"id": id}))

    def delete_api_token(self, id: str) -> EndedToken:
        """Ends a token at once and removes its record."""
        return EndedToken(self._call("DeleteAPIToken", {"id": id}))

    def prove_token(self, lookup: str, nonce: str) -> TokenProved:
        """Proves to a token's holder that this node knows the token, before the holder sends it."""
        return TokenProved(self._call("ProveToken", {"lookup": lookup, "nonce": nonce}))

    def list_project_tokens(
        self,
        fleet_id: str,
        limit: Optional[int] = None,
        *,
        cursor: Optional[str] = None,
    ) -> ListProjectTokensResult:
        """Lists the fleet's active tokens as project tokens; REST answers the bare array, with the next page in Link."""
        return ListProjectTokensResult(
            self._call("ListProjectTokens", {**{"fleetId": fleet_id}, **given({"limit": limit, "cursor": cursor})}),
        )

    def create_project_token(
        self,
        fleet_id: str,
        name: str,
        *,
        permissions: Optional[Sequence[str]] = None,
        expires_at: Union[str, None, Unset] = UNSET,
        expires: Optional[str] = None,
    ) -> ProjectToken:
        """Issues a token as a project token; its text is in this answer and nowhere else."""
        return ProjectToken(
            self._call("CreateProjectToken", {**{"fleetId": fleet_id, "name": name}, **given({"permissions": permissions, "expires": expires}, {"expiresAt": expires_at})}),
        )

    def exchange_token(self, grant_type: str, scope: Optional[str] = None) -> ExchangedToken:
        """Gives a token or peer a bearer that lives for minutes, may do less if asked so, and ends with it."""
        return ExchangedToken(self._call("ExchangeToken", {**{"grant_type": grant_type}, **given({"scope": scope})}))

    def introspect_token(self, token: str) -> Introspection:
        """Tells whoever holds a token's text whether it is good, for what and until when (RFC 7662)."""
        return Introspection(self._call("IntrospectToken", {"token": token}))

    def burn_token(self, token: str) -> BurnTokenResult:
        """Ends the very token or bearer whose text is presented; says nothing of whether there was one (RFC 7009)."""
        return BurnTokenResult(self._call("BurnToken", {"token": token}))

    def list_audit_entries(
        self,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        *,
        after: Optional[str] = None,
        before: Optional[str] = None,
        actor: Optional[str] = None,
        token: Optional[str] = None,
        peer: Optional[str] = None,
        operation: Optional[str] = None,
        outcome: Optional[Literal["done", "refused"]] = None,
        request: Optional[str] = None,
        address: Optional[str] = None,
    ) -> AuditPage:
        """Lists what was changed and refused, newest first."""
        return AuditPage(
            self._call("ListAuditEntries", given({"limit": limit, "cursor": cursor, "after": after, "before": before, "actor": actor, "token": token, "peer": peer, "operation": operation, "outcome": outcome, "request": request, "address": address})),
        )

    def get_audit_entry(self, id: str) -> AuditEntry:
        """Shows the entry of a request id or number."""
        return AuditEntry(self._call("GetAuditEntry", {"id": id}))

    def get_audit_head(self) -> SignedHead:
        """Signs the end of the record, so that a later cut or rewrite can be proven."""
        return SignedHead(self._call("GetAuditHead", {}))

    def verify_audit(self, head: Optional[Mapping[str, Any]] = None) -> VerifiedAudit:
        """Verifies every line of the record, and that a head signed before is still part of it."""
        return VerifiedAudit(self._call("VerifyAudit", given({"head": head})))

    def list_activity(
        self,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        *,
        actor: Optional[str] = None,
        operation: Optional[str] = None,
        address: Optional[str] = None,
    ) -> ActivityPage:
        """Counts who used what, from where: what has no entry of its own."""
        return ActivityPage(
            self._call("ListActivity", given({"limit": limit, "cursor": cursor, "actor": actor, "operation": operation, "address": address})),
        )

    def get_ready(self) -> GetReadyResult:
        """Tells whether the node can carry out changes; NOT_READY when it cannot."""
        return GetReadyResult(self._call("GetReady", {}))

    def get_metrics(self) -> GetMetricsResult:
        """Measures the node itself, in the text format of Prometheus."""
        return GetMetricsResult(self._call("GetMetrics", {}))

    def run_doctor(self, fix: Optional[bool] = None) -> Examination:
        """Examines the node from inside: folder, key, certificate, ports, discovery, clock, record, tokens, peers."""
        return Examination(self._call("RunDoctor", given({"fix": fix})))

    def list_vms(self, members: Optional[Mapping[str, Any]] = None) -> ListVMsResult:
        """Lists virtual machines; this node has none yet."""
        return ListVMsResult(self._call("ListVMs", dict(members or {})))

    def get_vm_settings(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Shows a virtual machine's settings."""
        return Result(self._call("GetVMSettings", dict(members or {})))

    def update_vm_settings(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Changes a virtual machine's settings."""
        return Result(self._call("UpdateVMSettings", dict(members or {})))

    def start_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Starts a virtual machine."""
        return Result(self._call("StartVM", dict(members or {})))

    def stop_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Stops a virtual machine."""
        return Result(self._call("StopVM", dict(members or {})))

    def suspend_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Suspends a virtual machine."""
        return Result(self._call("SuspendVM", dict(members or {})))

    def start_vm_recovery(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Starts a virtual machine in recovery."""
        return Result(self._call("StartVMRecovery", dict(members or {})))

    def clone_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Copies a virtual machine."""
        return Result(self._call("CloneVM", dict(members or {})))

    def rename_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Renames a virtual machine."""
        return Result(self._call("RenameVM", dict(members or {})))

    def delete_vm(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Deletes a virtual machine."""
        return Result(self._call("DeleteVM", dict(members or {})))

    def list_snapshots(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Lists a virtual machine's snapshots."""
        return Result(self._call("ListSnapshots", dict(members or {})))

    def create_snapshot(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Takes a snapshot of a virtual machine."""
        return Result(self._call("CreateSnapshot", dict(members or {})))

    def restore_snapshot(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Restores a snapshot."""
        return Result(self._call("RestoreSnapshot", dict(members or {})))

    def delete_snapshot(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Deletes a snapshot."""
        return Result(self._call("DeleteSnapshot", dict(members or {})))

    def create_vm_on_node(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Creates a virtual machine."""
        return Result(self._call("CreateVMOnNode", dict(members or {})))

    def get_remote_resources(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Tells what is left for virtual machines."""
        return Result(self._call("GetRemoteResources", dict(members or {})))

    def push_image(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Pushes a virtual machine to a registry."""
        return Result(self._call("PushImage", dict(members or {})))

    def list_remote_ipsws(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Lists restore images."""
        return Result(self._call("ListRemoteIPSWs", dict(members or {})))

    def download_ipsw_on_node(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Downloads a restore image."""
        return Result(self._call("DownloadIPSWOnNode", dict(members or {})))

    def list_remote_oci_images(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Lists OCI images."""
        return Result(self._call("ListRemoteOCIImages", dict(members or {})))

    def pull_oci_image_on_node(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Pulls an OCI image."""
        return Result(self._call("PullOCIImageOnNode", dict(members or {})))

    def exec_command(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Runs a command."""
        return Result(self._call("ExecCommand", dict(members or {})))

    def get_tasks(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Lists running tasks."""
        return Result(self._call("GetTasks", dict(members or {})))

    def get_fleet_overview(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Sums up all nodes of the fleet."""
        return Result(self._call("GetFleetOverview", dict(members or {})))

    def get_fleet_events(self, members: Optional[Mapping[str, Any]] = None) -> Result:
        """Lists recent events of the fleet."""
        return Result(self._call("GetFleetEvents", dict(members or {})))
