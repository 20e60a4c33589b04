/** What programs on Node need of identities: whom a TLS connection leads to, its server name, what an authority may sign. */

export { beyondLocal } from "../identity/certificate-names.ts";
export { keyOf } from "../identity/chain.node.ts";
export { nodeIdOf } from "../identity/node-id.ts";
export { nodeKeyOfChain } from "../identity/pin.node.ts";
export { readConstraints } from "../identity/read-constraints.ts";
export { sniNameOf, UNKNOWN_NODE_NAME } from "../identity/sni.ts";
