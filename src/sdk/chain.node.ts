/** What a transport on Node needs to know of identities: who a TLS connection leads to, and what to say in its handshake. */

export { nodeIdOf } from "../identity/node-id.ts";
export { nodeKeyOfChain } from "../identity/pin.node.ts";
export { sniNameOf, UNKNOWN_NODE_NAME } from "../identity/sni.ts";
