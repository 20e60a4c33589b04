"""Every error code: HTTP status (0 where nothing was answered), meaning, and what to do next.

Made by `npm run generate:python` from the project's tables; change those.
"""

from __future__ import annotations

from typing import Mapping, NamedTuple


class ErrorEntry(NamedTuple):
    """One row of the table."""

    status: int
    meaning: str
    remedy: str


ERRORS: Mapping[str, ErrorEntry] = {
    "INVALID_REQUEST": ErrorEntry(400, "the request is not what this operation takes", "compare it with the operation's input; the message names the field"),
    "SIGNATURE_MALFORMED": ErrorEntry(400, "the signature fields are not those of the cider-fleet-v1 profile", "send what docs/protocol describes: r||s of 64 bytes, full cover, known parameters"),
    "DIGEST_UNSUPPORTED": ErrorEntry(400, "Content-Digest names no algorithm this node knows", "send sha-256 or sha-512"),
    "TWO_CREDENTIALS": ErrorEntry(400, "two credentials were sent with one request", "send one bearer token or one signature, in one place"),
    "PAIRING_VERSION": ErrorEntry(400, "this node does not speak that version of pairing", "update the older side"),
    "PAIRING_OWN_KEY": ErrorEntry(400, "a node cannot pair with its own key", "pair with the key of the client"),
    "GRANT_UNSUPPORTED": ErrorEntry(400, "this node knows the grant client_credentials only", "send grant_type=client_credentials with a token or a signed assertion as client"),
    "NOT_EXCHANGEABLE": ErrorEntry(400, "only a token or a peer can be exchanged for a bearer", "exchange the token itself; a bearer cannot be exchanged again"),
    "AUTHENTICATION_REQUIRED": ErrorEntry(401, "this operation needs a credential", "send a bearer token, or sign the request with a paired key"),
    "TOKEN_INVALID": ErrorEntry(401, "the token is malformed or unknown", "check for a cut or mistyped token; issue a new one if it was deleted"),
    "TOKEN_EXPIRED": ErrorEntry(401, "the token has expired", "issue a new one with \"cider fleet token generate\""),
    "TOKEN_REVOKED": ErrorEntry(401, "the token was revoked", "issue a new one with \"cider fleet token generate\"; revocation cannot be undone"),
    "PEER_UNKNOWN": ErrorEntry(401, "the signing key belongs to no peer of this node", "pair again; the peer was removed or never paired with this node"),
    "SIGNATURE_INVALID": ErrorEntry(401, "the signature does not verify", "sign exactly the bytes that are sent, with the key that was paired"),
    "SIGNATURE_EXPIRED": ErrorEntry(401, "the signature is outside its validity", "sign again with created = max(serverTime, earliest); the SDK does so once by itself"),
    "SIGNATURE_REPLAYED": ErrorEntry(401, "a signature with this nonce was seen before", "make a new nonce for every request"),
    "CLOCK_SKEW": ErrorEntry(401, "the signature was created too far from this node's time", "sign again with created = max(serverTime, earliest); the SDK does so once by itself"),
    "DIGEST_MISMATCH": ErrorEntry(401, "Content-Digest does not match the body", "compute the digest over the exact bytes sent"),
    "INSUFFICIENT_SCOPE": ErrorEntry(403, "the credential does not allow this operation", "use a credential that holds the scope named in the answer"),
    "SELF_ROTATION_OFF": ErrorEntry(403, "tokens of this node do not rotate themselves", "set \"selfRotation\" below [tokens] in the configuration, or let an admin rotate it"),
    "ORIGIN_REFUSED": ErrorEntry(403, "this page's origin may not use the node", "add the origin to \"origins\" in the configuration"),
    "TOKEN_ADDRESS_REFUSED": ErrorEntry(403, "the token may not be used from this address", "use it from an allowed address, or change the token's allowedIps"),
    "PAIRING_WRONG_CODE": ErrorEntry(403, "wrong code, or not the node you think", "read the code again; after five wrong codes show a new one"),
    "PAIRING_BAD_PROOF": ErrorEntry(403, "the other side could not prove its key", "try again; if it repeats, something between you changes messages"),
    "PAIRING_CHANNEL": ErrorEntry(403, "pairing over this kind of connection is not allowed", "connect with TLS, or open the window with this channel allowed"),
    "NOT_FOUND": ErrorEntry(404, "there is no such thing here", "check the path, method name or id"),
    "METHOD_NOT_ALLOWED": ErrorEntry(405, "this path does not take that method", "use a method from the Allow field"),
    "CONFLICT": ErrorEntry(409, "this does not fit the present state", "read the present state, then decide again"),
    "IDEMPOTENCY_KNOWN": ErrorEntry(409, "this was carried out before; its outcome is not remembered any more", "read the things that ids names; a secret that was in the outcome is lost"),
    "PAIRING_OPEN": ErrorEntry(409, "a pairing window is open already", "use it, or close it first"),
    "PAIRING_CLOSED": ErrorEntry(410, "no pairing window is open for this", "open a window on the node with \"cider fleet pair\" and use the code it shows"),
    "RESUME_GONE": ErrorEntry(410, "events from there on are not kept for resuming", "list what was missed, then subscribe without since"),
    "PAIRING_UNKNOWN_EXCHANGE": ErrorEntry(410, "this pairing exchange is over or never began", "begin again with the code"),
    "PAYLOAD_TOO_LARGE": ErrorEntry(413, "the body is larger than allowed", "send at most 1 MiB with a header credential, 64 KiB without"),
    "UNSUPPORTED_MEDIA_TYPE": ErrorEntry(415, "bodies are application/json", "send Content-Type: application/json"),
    "WRONG_NODE": ErrorEntry(421, "the request was signed for another node", "use the address of the node it was meant for, or pair with this one"),
    "IDEMPOTENCY_MISMATCH": ErrorEntry(422, "this idempotency key was used with another input", "make a new key for every change; repeat one only with the same input"),
    "WRONG_HOST": ErrorEntry(421, "the Host field names a host this node does not answer for", "use its address, or add the name to \"hostNames\" in the configuration"),
    "TLS_REQUIRED": ErrorEntry(426, "this node answers plain HTTP to its own machine only", "use https, with the CA from /v1/node/ca.pem or the node id as pin"),
    "RATE_LIMITED": ErrorEntry(429, "too many requests from here", "wait for Retry-After seconds"),
    "PAIRING_BUSY": ErrorEntry(429, "too many pairing attempts at the moment", "wait for Retry-After seconds, or use the link"),
    "HEADERS_TOO_LARGE": ErrorEntry(431, "the header fields are larger than 16 KiB", "send fewer or shorter fields"),
    "REQUEST_TIMEOUT": ErrorEntry(408, "the request took too long to arrive", "send headers within 10 s and the body within 30 s"),
    "INTERNAL": ErrorEntry(500, "the node failed; its log has the request id", "try again; report it with the request id if it repeats"),
    "RECORD_DAMAGED": ErrorEntry(500, "the record on disk is not what was written", "see \"cider fleet audit verify\"; keep a copy of the data folder, then restore it from a backup"),
    "STORAGE_FAILED": ErrorEntry(500, "the disk refused to sync; the node is stopping", "check the disk; the node starts again from what was synced"),
    "OPERATION_UNAVAILABLE": ErrorEntry(501, "this node cannot do that yet", "the message says what is missing"),
    "REPLAY_MEMORY_FULL": ErrorEntry(503, "the node remembers as many nonces as it can hold", "wait for Retry-After seconds"),
    "NOT_READY": ErrorEntry(503, "the node cannot carry out changes now", "the message says why; reading goes on"),
    "SHUTTING_DOWN": ErrorEntry(503, "the node is stopping", "try again when it has started"),
    "STORAGE_FULL": ErrorEntry(507, "the disk is full; nothing was changed", "free space; revoking and removing still work"),
    "INVALID_OPTIONS": ErrorEntry(0, "the client was given options it cannot use", "the message names the option"),
    "NO_KEY_FOR_NODE_ID": ErrorEntry(0, "no private key is stored for this node id", "pass privateKey, pass a store that has it, or pair"),
    "NODE_UNPROVEN": ErrorEntry(0, "the node at this address did not prove that it knows the token", "check the address; the token was not sent"),
    "NODE_MISMATCH": ErrorEntry(0, "the node at this address has another key than the one known", "check the address; if the node was set up anew, pair again"),
    "CONNECTION_FAILED": ErrorEntry(0, "the node could not be reached", "check address, port and that the node runs"),
    "DISCOVERY_FAILED": ErrorEntry(0, "nodes cannot be looked for on this network", "use the node's address; the message says what is in the way"),
    "NODE_NOT_FOUND": ErrorEntry(0, "no node of this name or id was found on the LAN", "see \"cider fleet discover\", or use the node's address"),
    "CREDENTIAL_ENDED": ErrorEntry(0, "the node ended the credential of this connection, or refused it", "the close reason says why; pair again or use another token"),
    "CONNECTION_CLOSED": ErrorEntry(0, "the connection was closed", "connect again; the close code says why"),
    "TIMEOUT": ErrorEntry(0, "the node did not answer in time", "try again, or raise the timeout"),
    "ABORTED": ErrorEntry(0, "the call was aborted by its signal", "nothing; you asked for it"),
    "INVALID_ANSWER": ErrorEntry(0, "the node's answer is not what the protocol says", "update the older side; check what stands between"),
    "UNKNOWN_CODE": ErrorEntry(0, "the node answered with an error code this client does not know", "details.code has it; update the client"),
    "STORE_UNUSABLE": ErrorEntry(0, "the client's key and node store cannot be used", "the message names the file and the command that mends it"),
    "DEPENDENCY_MISSING": ErrorEntry(0, "a part of the client that this call needs is not installed", "the message names what to install"),
    "LINK_INVALID": ErrorEntry(0, "this is not a cider-fleet link or address", "copy it whole, as the node printed it"),
    "NOT_RUNNING": ErrorEntry(0, "no node is running here", "start it with \"cider fleet up\", or name a folder with --data-dir"),
    "SERVICE_REFUSED": ErrorEntry(0, "the system's service manager refused", "the message names the command and what it said"),
    "NODE_PASSING": ErrorEntry(0, "the service would run a program that the next upgrade removes", "install Node from nodejs.org or your system's packages, or name one with --node"),
    "SOCKET_REFUSED": ErrorEntry(0, "the node's local socket belongs to someone else", "run the command as the account that runs the node"),
    "CONFIG_INVALID": ErrorEntry(0, "the configuration cannot be used", "the message names file, line and key"),
    "PORT_TAKEN": ErrorEntry(0, "the port is in use", "stop the other program or choose another port with --port"),
    "FOLDER_IN_USE": ErrorEntry(0, "another daemon owns this data folder", "stop it, or choose another folder with --data-dir"),
    "NODE_EXISTS": ErrorEntry(0, "another node of this host would be left behind", "talk to that node, or name the folder of this one with --data-dir"),
    "FOLDER_UNSAFE": ErrorEntry(0, "the data folder is not private to this account", "the message names the folder and the command that mends it"),
    "KEY_UNUSABLE": ErrorEntry(0, "the identity key cannot be used", "restore identity.key from a backup; it is never replaced silently"),
    "LEDGER_DAMAGED": ErrorEntry(0, "acknowledged data in the ledger is damaged", "restore the folder from a backup; the message names file and line"),
    "FORMAT_NEWER": ErrorEntry(0, "a stored file was written by a newer version", "run that version or newer"),
    "SOCKET_PATH_TOO_LONG": ErrorEntry(0, "the path of the local socket is above 103 bytes", "choose a shorter folder with --data-dir"),
    "UNSUPPORTED_PLATFORM": ErrorEntry(0, "the daemon does not run on this platform", "run it on macOS or Linux; the SDK works everywhere"),
}
