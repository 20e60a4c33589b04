/** Operations of pairing: windows, and the two messages of an exchange. */

import * as z from "zod";
import { parseBeginRequest, parseFinishRequest } from "../wire/pairing.ts";
import { type Operation, route } from "./operation.ts";
import * as shape from "./pairing-schemas.ts";
import { nothing } from "./schemas.ts";

/** Windows, and the two messages of an exchange. */
export const PAIRING_OPERATIONS = {
  GetPairing: {
    kind: "read",
    need: "pairing:manage",
    verb: "read",
    rest: route("GET", "/v1/pairing"),
    input: nothing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Shows the open pairing window.",
    secret: true,
  },
  OpenPairing: {
    kind: "change",
    need: "pairing:manage",
    verb: "create",
    rest: route("POST", "/v1/pairing", 201),
    input: shape.openPairing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Opens a pairing window with a code, a link, or both.",
    secret: true,
  },
  RenewPairingCode: {
    kind: "change",
    need: "pairing:manage",
    verb: "update",
    rest: route("POST", "/v1/pairing/code"),
    input: nothing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Replaces the digits of the open window, as after five wrong codes.",
    secret: true,
  },
  ClosePairing: {
    kind: "change",
    need: "pairing:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/pairing"),
    input: nothing,
    output: z.object({ closed: z.boolean() }),
    since: "0.1.0",
    summary: "Closes the pairing window; its code and link are worth nothing from then on.",
    message: "pairing window closed",
  },
  BeginPairing: {
    kind: "change",
    need: "public",
    verb: "create",
    rest: route("POST", "/v1/pairing/begin"),
    input: shape.beginPairing,
    parse: parseBeginRequest,
    output: shape.beganPairing,
    since: "0.1.0",
    summary: "First round trip of SPAKE2+ pairing.",
  },
  FinishPairing: {
    kind: "change",
    need: "public",
    verb: "create",
    rest: route("POST", "/v1/pairing/finish"),
    input: shape.finishPairing,
    parse: parseFinishRequest,
    output: shape.finishedPairing,
    since: "0.1.0",
    summary: "Second round trip of SPAKE2+ pairing; registers the client's key as a peer.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
