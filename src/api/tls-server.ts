/**
 * TLS for connections that begin with it: TLS 1.2 and up, HTTP/1.1 by ALPN, the node's own chain by default and an owner's
 * certificate for host names that have one.
 *
 * Sessions are not resumed: on a resumed session the other side sees no certificate, and a client that pins would have
 * nothing to check.
 */

import { constants } from "node:crypto";
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
} from "node:tls";
import type { Logger } from "../foundation/logger.ts";
import type { Limits } from "./limits.ts";

/** What a handshake presents: PEM of the key, and of the chain, leaf first. */
export interface CertificateAndKey {
  readonly key: string;
  readonly cert: string;
}

/** The node's own chain, as `identity` keeps it. */
export interface Certificates {
  context(): CertificateAndKey;
  onRenewed(listener: (current: CertificateAndKey) => void): void;
}

interface TlsOptions {
  readonly certificates: Certificates;
  /** An owner's certificates by host name, lower case. Names below `cider-fleet.internal` must not be among them. */
  readonly owned: ReadonlyMap<string, CertificateAndKey>;
  readonly limits: Pick<Limits, "handshakeTime">;
  readonly logger: Logger;
  /** A connection whose handshake is done. */
  readonly onSecure: (socket: TLSSocket) => void;
}

/**
 * No authorities, for no client is asked for a certificate: left out, Node reads all it ships with, which takes 20 ms of
 * every start.
 */
const PROTOCOL: SecureContextOptions = { minVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_TICKET, ca: [] };

/** Returns a server to be fed by `emit("connection", socket)`; a renewed chain is used from the next handshake on. */
export function createTlsServer({ certificates, owned, limits, logger, onSecure }: TlsOptions): Server {
  const contexts = new Map([...owned].map(([name, own]) => [name, createSecureContext({ ...own, ...PROTOCOL })]));
  const server = createServer({
    ...certificates.context(),
    ...PROTOCOL,
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: limits.handshakeTime,
    ...(contexts.size > 0 && { SNICallback: chooser(contexts) }),
  });
  certificates.onRenewed((current) => server.setSecureContext({ ...current, ...PROTOCOL }));
  server.on("secureConnection", onSecure);
  server.on("tlsClientError", (error, socket) => {
    logger.debug({ why: error.message }, "a TLS handshake failed");
    socket.destroy();
  });
  return server;
}

/** No context means the default one: the node's own chain. */
function chooser(contexts: ReadonlyMap<string, SecureContext>) {
  return (name: string, choose: (error: null, context?: SecureContext) => void) => {
    choose(null, contexts.get(name.toLowerCase()));
  };
}
