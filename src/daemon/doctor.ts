/** What the doctor needs of parts that only the daemon knows: the TLS server's certificate, its addresses, discovery. */

import { X509Certificate } from "node:crypto";
import manifest from "../../package.json" with { type: "json" };
import type { Config } from "../config/schema.ts";
import type { Clock } from "../foundation/clock.ts";
import { lanAddresses } from "../host/addresses.ts";
import type { NodeCertificates } from "../identity/tls.node.ts";
import type { DoctorParts } from "../operations/parts.ts";
import type { Announcement } from "./discovery.ts";
import { isListenedOn } from "./names.ts";

interface DoctorOptions {
  readonly config: Config;
  /** The system's, which may step back. */
  readonly clock: Clock;
  readonly certificates: NodeCertificates;
  readonly announcement: Announcement;
}

/** Returns what `RunDoctor` works with. */
export function doctorParts({ announcement, certificates, clock, config }: DoctorOptions): DoctorParts {
  const isListened = isListenedOn(config.listen);
  return {
    engines: manifest.engines.node,
    wallClock: clock,
    // The leaf stands first in what a handshake presents.
    certificate: () => new X509Certificate(certificates.context().cert),
    authority: () => certificates.caPem,
    renewCertificate: () => certificates.renew(),
    addresses: () =>
      lanAddresses()
        .map(({ address }) => address)
        .filter(isListened),
    findSelf: () => announcement.findSelf(),
  };
}
