/** One HTTP request on its way: filled in by the steps of `http.ts`, each of which may read what those before it wrote. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { OperationName } from "../catalogue/operations.ts";
import type { Source } from "../foundation/source.ts";
import type { Claim } from "../operations/credentials.ts";
import type { OperationRequest } from "../operations/operations.ts";
import type { Credential } from "../policy/actor.ts";
import type { JsonObject } from "../wire/parse.ts";
import { NO_BODY, NO_JSON } from "./body.ts";
import type { Fields } from "./fields.ts";
import type { Match, Surface } from "./surface.ts";
import type { Target } from "./target.ts";

const NOT_REACHED: Target = { path: "", query: "" };
const NO_FIELDS: Fields = { hasBody: false, isSigned: false };

/** One request with all that the steps have found out about it so far. */
export class Exchange implements OperationRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly source: Source;
  readonly surface: Surface;
  readonly requestId: string;

  target: Target = NOT_REACHED;
  fields: Fields = NO_FIELDS;
  /** A signature by a known key that is not verified yet. */
  claim: Claim | undefined;
  /** The credential that was accepted. */
  credential: Credential | undefined;
  body: Uint8Array = NO_BODY;
  json: JsonObject = NO_JSON;
  input: unknown;
  output: unknown;
  /** Whether a step has written the answer, so that none is left to take. */
  isAnswered = false;
  idempotencyKey: string | undefined;
  #match: Match | undefined;
  #aborted: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, source: Source, surface: Surface, requestId: string) {
    this.request = request;
    this.response = response;
    this.source = source;
    this.surface = surface;
    this.requestId = requestId;
  }

  set match(match: Match) {
    this.#match = match;
  }

  get match(): Match {
    if (this.#match === undefined) throw new Error("no operation is matched before the step that matches it");
    return this.#match;
  }

  get operation(): OperationName {
    return this.match.operation;
  }

  /** Aborted when the caller closes before the answer; made when first asked for, since few operations do. */
  get signal(): AbortSignal {
    if (this.#aborted === undefined) {
      const controller = new AbortController();
      this.#aborted = controller;
      this.response.once("close", () => controller.abort());
    }
    return this.#aborted.signal;
  }
}
