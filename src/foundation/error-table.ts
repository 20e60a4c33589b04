/**
 * Every error a person or program can meet, declared once. `docs/errors.md` lists the same codes; a test holds both.
 *
 * `answer` errors travel with an HTTP status; `client` errors are raised by the SDK and CLI on this side of the wire;
 * `start` errors keep the daemon from starting. Codes are the contract, texts are not. Pages are given this table without
 * what none of them raises or shows (`scripts/browser-texts.ts`).
 */

/** One row of the table. */
export interface ErrorEntry {
  readonly kind: "answer" | "client" | "start";
  /** HTTP status of an answer; 0 where nothing was answered. */
  readonly status: number;
  /** What happened, lower case, no full stop; also the text sent when the raiser gives none. */
  readonly meaning: string;
  /** What the caller does next. */
  readonly remedy: string;
}

const answer = (status: number, meaning: string, remedy: string): ErrorEntry => ({ kind: "answer", status, meaning, remedy });
const client = (meaning: string, remedy: string): ErrorEntry => ({ kind: "client", status: 0, meaning, remedy });
const start = (meaning: string, remedy: string): ErrorEntry => ({ kind: "start", status: 0, meaning, remedy });

const RESIGN = "sign again with created = max(serverTime, earliest); the SDK does so once by itself";
const NEW_WINDOW = 'open a window on the node with "cider fleet pair" and use the code it shows';

/** Every code with what it means and what to do about it. */
export const ERRORS = {
  INVALID_REQUEST: answer(400, "the request is not what this operation takes", "compare it with the operation's input; the message names the field"),
  SIGNATURE_MALFORMED: answer(400, "the signature fields are not those of the cider-fleet-v1 profile", "send what docs/protocol describes: r||s of 64 bytes, full cover, known parameters"),
  DIGEST_UNSUPPORTED: answer(400, "Content-Digest names no algorithm this node knows", "send sha-256 or sha-512"),
  TWO_CREDENTIALS: answer(400, "two credentials were sent with one request", "send one bearer token or one signature, in one place"),
  PAIRING_VERSION: answer(400, "this node does not speak that version of pairing", "update the older side"),
  PAIRING_OWN_KEY: answer(400, "a node cannot pair with its own key", "pair with the key of the client"),
  GRANT_UNSUPPORTED: answer(400, "this node knows the grant client_credentials only", "send grant_type=client_credentials with a token or a signed assertion as client"),
  NOT_EXCHANGEABLE: answer(400, "only a token or a peer can be exchanged for a bearer", "exchange the token itself; a bearer cannot be exchanged again"),
  AUTHENTICATION_REQUIRED: answer(401, "this operation needs a credential", "send a bearer token, or sign the request with a paired key"),
  TOKEN_INVALID: answer(401, "the token is malformed or unknown", "check for a cut or mistyped token; issue a new one if it was deleted"),
  TOKEN_EXPIRED: answer(401, "the token has expired", 'issue a new one with "cider fleet token generate"'),
  TOKEN_REVOKED: answer(401, "the token was revoked", 'issue a new one with "cider fleet token generate"; revocation cannot be undone'),
  PEER_UNKNOWN: answer(401, "the signing key belongs to no peer of this node", "pair again; the peer was removed or never paired with this node"),
  SIGNATURE_INVALID: answer(401, "the signature does not verify", "sign exactly the bytes that are sent, with the key that was paired"),
  SIGNATURE_EXPIRED: answer(401, "the signature is outside its validity", RESIGN),
  SIGNATURE_REPLAYED: answer(401, "a signature with this nonce was seen before", "make a new nonce for every request"),
  CLOCK_SKEW: answer(401, "the signature was created too far from this node's time", RESIGN),
  DIGEST_MISMATCH: answer(401, "Content-Digest does not match the body", "compute the digest over the exact bytes sent"),
  INSUFFICIENT_SCOPE: answer(403, "the credential does not allow this operation", "use a credential that holds the scope named in the answer"),
  SELF_ROTATION_OFF: answer(403, "tokens of this node do not rotate themselves", 'set "selfRotation" below [tokens] in the configuration, or let an admin rotate it'),
  ORIGIN_REFUSED: answer(403, "this page's origin may not use the node", 'add the origin to "origins" in the configuration'),
  TOKEN_ADDRESS_REFUSED: answer(403, "the token may not be used from this address", "use it from an allowed address, or change the token's allowedIps"),
  PAIRING_WRONG_CODE: answer(403, "wrong code, or not the node you think", "read the code again; after five wrong codes show a new one"),
  PAIRING_BAD_PROOF: answer(403, "the other side could not prove its key", "try again; if it repeats, something between you changes messages"),
  PAIRING_CHANNEL: answer(403, "pairing over this kind of connection is not allowed", "connect with TLS, or open the window with this channel allowed"),
  NOT_FOUND: answer(404, "there is no such thing here", "check the path, method name or id"),
  METHOD_NOT_ALLOWED: answer(405, "this path does not take that method", "use a method from the Allow field"),
  CONFLICT: answer(409, "this does not fit the present state", "read the present state, then decide again"),
  IDEMPOTENCY_KNOWN: answer(409, "this was carried out before; its outcome is not remembered any more", "read the things that ids names; a secret that was in the outcome is lost"),
  PAIRING_OPEN: answer(409, "a pairing window is open already", "use it, or close it first"),
  PAIRING_CLOSED: answer(410, "no pairing window is open for this", NEW_WINDOW),
  RESUME_GONE: answer(410, "events from there on are not kept for resuming", "list what was missed, then subscribe without since"),
  PAIRING_UNKNOWN_EXCHANGE: answer(410, "this pairing exchange is over or never began", "begin again with the code"),
  PAYLOAD_TOO_LARGE: answer(413, "the body is larger than allowed", "send at most 1 MiB with a header credential, 64 KiB without"),
  UNSUPPORTED_MEDIA_TYPE: answer(415, "bodies are application/json", "send Content-Type: application/json"),
  WRONG_NODE: answer(421, "the request was signed for another node", "use the address of the node it was meant for, or pair with this one"),
  IDEMPOTENCY_MISMATCH: answer(422, "this idempotency key was used with another input", "make a new key for every change; repeat one only with the same input"),
  WRONG_HOST: answer(421, "the Host field names a host this node does not answer for", 'use its address, or add the name to "hostNames" in the configuration'),
  TLS_REQUIRED: answer(426, "this node answers plain HTTP to its own machine only", "use https, with the CA from /v1/node/ca.pem or the node id as pin"),
  RATE_LIMITED: answer(429, "too many requests from here", "wait for Retry-After seconds"),
  PAIRING_BUSY: answer(429, "too many pairing attempts at the moment", "wait for Retry-After seconds, or use the link"),
  HEADERS_TOO_LARGE: answer(431, "the header fields are larger than 16 KiB", "send fewer or shorter fields"),
  REQUEST_TIMEOUT: answer(408, "the request took too long to arrive", "send headers within 10 s and the body within 30 s"),
  INTERNAL: answer(500, "the node failed; its log has the request id", "try again; report it with the request id if it repeats"),
  RECORD_DAMAGED: answer(500, "the record on disk is not what was written", 'see "cider fleet audit verify"; keep a copy of the data folder, then restore it from a backup'),
  STORAGE_FAILED: answer(500, "the disk refused to sync; the node is stopping", "check the disk; the node starts again from what was synced"),
  OPERATION_UNAVAILABLE: answer(501, "this node cannot do that yet", "the message says what is missing"),
  REPLAY_MEMORY_FULL: answer(503, "the node remembers as many nonces as it can hold", "wait for Retry-After seconds"),
  NOT_READY: answer(503, "the node cannot carry out changes now", "the message says why; reading goes on"),
  SHUTTING_DOWN: answer(503, "the node is stopping", "try again when it has started"),
  STORAGE_FULL: answer(507, "the disk is full; nothing was changed", "free space; revoking and removing still work"),

  INVALID_OPTIONS: client("the client was given options it cannot use", "the message names the option"),
  NO_KEY_FOR_NODE_ID: client("no private key is stored for this node id", "pass privateKey, pass a store that has it, or pair"),
  NODE_UNPROVEN: client("the node at this address did not prove that it knows the token", "check the address; the token was not sent"),
  NODE_MISMATCH: client("the node at this address has another key than the one known", "check the address; if the node was set up anew, pair again"),
  CONNECTION_FAILED: client("the node could not be reached", "check address, port and that the node runs"),
  DISCOVERY_FAILED: client("nodes cannot be looked for on this network", "use the node's address; the message says what is in the way"),
  NODE_NOT_FOUND: client("no node of this name or id was found on the LAN", 'see "cider fleet discover", or use the node\'s address'),
  CREDENTIAL_ENDED: client("the node ended the credential of this connection, or refused it", "the close reason says why; pair again or use another token"),
  CONNECTION_CLOSED: client("the connection was closed", "connect again; the close code says why"),
  TIMEOUT: client("the node did not answer in time", "try again, or raise the timeout"),
  ABORTED: client("the call was aborted by its signal", "nothing; you asked for it"),
  INVALID_ANSWER: client("the node's answer is not what the protocol says", "update the older side; check what stands between"),
  UNKNOWN_CODE: client("the node answered with an error code this client does not know", "details.code has it; update the client"),
  STORE_UNUSABLE: client("the client's key and node store cannot be used", "the message names the file and the command that mends it"),
  DEPENDENCY_MISSING: client("a part of the client that this call needs is not installed", "the message names what to install"),
  LINK_INVALID: client("this is not a cider-fleet link or address", "copy it whole, as the node printed it"),
  NOT_RUNNING: client("no node is running here", 'start it with "cider fleet up", or name a folder with --data-dir'),
  SERVICE_REFUSED: client("the system's service manager refused", "the message names the command and what it said"),
  NODE_PASSING: client("the service would run a program that the next upgrade removes", "install Node from nodejs.org or your system's packages, or name one with --node"),
  SOCKET_REFUSED: client("the node's local socket belongs to someone else", "run the command as the account that runs the node"),
  BACKUP_FAILED: client("the backup could not be made; no file was left", "the message says why"),
  BACKUP_UNUSABLE: client("the backup does not hold one whole node", "use another backup; the message says what is the matter with this one"),

  CONFIG_INVALID: start("the configuration cannot be used", "the message names file, line and key"),
  PORT_TAKEN: start("the port is in use", "stop the other program or choose another port with --port"),
  FOLDER_IN_USE: start("another daemon owns this data folder", "stop it, or choose another folder with --data-dir"),
  NODE_EXISTS: start("another node of this host would be left behind", "talk to that node, or name the folder of this one with --data-dir"),
  FOLDER_MOVED: start("the data folder comes from another machine", 'moved here, and the old place is gone: "cider fleet up --keep-identity"; copied, and both are to run: "cider fleet up --renew-identity"'),
  FOLDER_NOT_EMPTY: start("the folder of a restore must be empty", "name an empty folder with --data-dir, or move the old one away"),
  FOLDER_UNSAFE: start("the data folder is not private to this account", "the message names the folder and the command that mends it"),
  KEY_UNUSABLE: start("the identity key cannot be used", "restore identity.key from a backup; it is never replaced silently"),
  LEDGER_DAMAGED: start("acknowledged data in the ledger is damaged", "restore the folder from a backup; the message names file and line"),
  FORMAT_NEWER: start("a stored file was written by a newer version", "run that version or newer"),
  SOCKET_PATH_TOO_LONG: start("the path of the local socket is above 103 bytes", "choose a shorter folder with --data-dir"),
  UNSUPPORTED_PLATFORM: start("the daemon does not run on this platform", "run it on macOS or Linux; the SDK works everywhere"),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;
