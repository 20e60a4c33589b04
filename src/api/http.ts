/**
 * The life of an HTTP request, as the drawing in docs/architecture.md has it. The steps are the array below, in order;
 * each either passes the exchange on or throws the coded error that its surface writes. No step decides about trust:
 * that is `Operations.perform`, where WebSocket calls arrive too.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Source } from "../foundation/source.ts";
import type { Operations } from "../operations/operations.ts";
import { answerable, answerJson, answerNothing, answerText } from "./answer.ts";
import { audiencesOf, issuerOf } from "./audience.ts";
import { readBody } from "./body.ts";
import { preflightFields, shareWith } from "./cors.ts";
import { Exchange } from "./exchange.ts";
import { readFields } from "./fields.ts";
import { type OwnNames, requireOwnHost, requireOwnOrigin } from "./host.ts";
import { idempotencyKey } from "./idempotency.ts";
import { LIMITS } from "./limits.ts";
import { allowOf, methodRefused, READING } from "./methods.ts";
import { LOGIN_PATH, login, OAUTH_PREFIX, oauth } from "./oauth.ts";
import type { OwnRoutes } from "./own-routes.ts";
import { restSurface } from "./rest.ts";
import { RPC_PREFIX, rpc } from "./rpc.ts";
import type { Surface } from "./surface.ts";
import { parseTarget } from "./target.ts";

/** What the steps work with. */
export interface HttpParts {
  readonly operations: Operations;
  readonly own: OwnNames;
  readonly ownRoutes: OwnRoutes;
  readonly requestId: () => string;
  /** Called when a credential was accepted; its network keeps a place when connections run short. */
  readonly onProven: (source: Source) => void;
  readonly logger: Logger;
}

type Step = (exchange: Exchange, parts: HttpParts) => void | Promise<void>;

/** `connection` and `limits` have happened when a request arrives here: they are the port's. */
const STEPS: readonly Step[] = [
  target,
  singleFields,
  host,
  origin,
  options,
  match,
  headerCredential,
  body,
  signature,
  bodyCredential,
  perform,
  answer,
];

/** Answers HTTP requests, each by the steps in order. */
export class HttpApi {
  readonly #parts: HttpParts;
  readonly #rest: Surface = restSurface();

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  /** Answers one request, now or later. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse, source: Source): void {
    this.#walk(new Exchange(request, response, source, this.#surfaceOf(request), this.#parts.requestId()), 0);
  }

  /** Answers 426 TLS_REQUIRED in the surface's words; Upgrade and Connection are set on the response already. */
  refusePlain(request: IncomingMessage, response: ServerResponse): void {
    const requestId = this.#parts.requestId();
    const { status, body: rendered } = this.#surfaceOf(request).renderError(new FleetError("TLS_REQUIRED"), requestId);
    answerJson(response, status, rendered, requestId);
  }

  #surfaceOf({ url = "" }: IncomingMessage): Surface {
    if (url.startsWith(RPC_PREFIX)) return rpc;
    if (url.startsWith(OAUTH_PREFIX)) return oauth;
    return url.startsWith(LOGIN_PATH) && (url[LOGIN_PATH.length] ?? "?") === "?" ? login : this.#rest;
  }

  /** Takes the steps from the given one on; where one has to wait, the rest follows. Most requests wait for nothing. */
  #walk(exchange: Exchange, from: number): void {
    try {
      for (let index = from; index < STEPS.length && !exchange.isAnswered; index++) {
        const pending = STEPS[index]?.(exchange, this.#parts);
        if (pending === undefined) continue;
        this.#walkOn(pending, exchange, index + 1);
        return;
      }
    } catch (error) {
      void this.#refuse(exchange, error);
    }
  }

  #walkOn(pending: Promise<void>, exchange: Exchange, from: number): void {
    pending.then(
      () => {
        this.#walk(exchange, from);
      },
      (error: unknown) => void this.#refuse(exchange, error),
    );
  }

  /** Answers a refused request, once what it was refused for is on disk. Never rejects. */
  async #refuse(exchange: Exchange, thrown: unknown): Promise<void> {
    const { operations, logger } = this.#parts;
    const { requestId, response, source, surface } = exchange;
    if (isFleetError(thrown, "CONNECTION_CLOSED")) return; // nobody is left to read it
    const error = answerable(await operations.judge(thrown, source));
    if (error.code === "INTERNAL") logger.error({ err: error.cause ?? error, requestId }, "request failed");
    const { status, body: rendered, headers } = surface.renderError(error, requestId);
    answerJson(response, status, rendered, requestId, withNotices(headers, operations.notices(exchange.credential)));
  }
}

function target(exchange: Exchange): void {
  exchange.target = parseTarget(exchange.request.url ?? "");
}

function singleFields(exchange: Exchange): void {
  exchange.fields = readFields(exchange.request.rawHeaders);
}

function host({ fields }: Exchange, { own }: HttpParts): void {
  requireOwnHost(fields, own);
}

/** A read is answered to every page's browser, which shows it to pages of the origins that are named in the answer. */
function origin({ fields, request: { method }, response }: Exchange, { own }: HttpParts): void {
  if (fields.origin === undefined) return;
  if (method !== "GET" && method !== "HEAD") requireOwnOrigin(fields, own);
  if (own.origins.has(fields.origin)) shareWith(fields.origin, response);
}

/** What a path takes (RFC 9110 §9.3.7), which a browser also asks before a page of another origin may send much. */
function options(exchange: Exchange, { own, ownRoutes }: HttpParts): void {
  const { fields, request, requestId, response, surface, target: asked } = exchange;
  if (request.method !== "OPTIONS") return;
  const methods = ownRoutes.find(asked.path) === undefined ? surface.methods(asked.path) : READING;
  const isPreflight = own.origins.has(fields.origin ?? "") && request.headers["access-control-request-method"] !== undefined;
  answerNothing(response, requestId, ["Allow", allowOf(methods), ...(isPreflight ? preflightFields(methods) : [])]);
  exchange.isAnswered = true;
}

function match(exchange: Exchange, { ownRoutes }: HttpParts): void | Promise<void> {
  const {
    request,
    surface,
    target: { path },
  } = exchange;
  const { method = "" } = request;
  const route = ownRoutes.find(path);
  if (route === undefined) {
    exchange.match = surface.match(method, path);
    return;
  }
  if (method !== "GET" && method !== "HEAD") throw methodRefused(READING);
  exchange.isAnswered = true;
  return route(askedOf(exchange));
}

function askedOf({ fields, request, requestId, response, source }: Exchange) {
  return { request, response, requestId, source, issuer: () => issuerOf(fields, source) };
}

/** A public operation reads no credential, so that a bad one spoils nothing. */
function headerCredential(exchange: Exchange, { operations }: HttpParts): void {
  const { fields, surface } = exchange;
  if (exchange.match.entry.need === "public") return;
  const claim = fields.isSigned ? operations.credentials.claim(signedMessage(exchange)) : undefined;
  if (fields.authorization === undefined) exchange.claim = claim;
  else if (claim !== undefined) throw new FleetError("TWO_CREDENTIALS");
  else exchange.credential = surface.fieldCredential(fields.authorization, operations.credentials);
}

/** A bigger body is taken from who showed a credential before sending it. */
function body(exchange: Exchange): void | Promise<void> {
  const { claim, credential, fields, request } = exchange;
  if (!fields.hasBody) return;
  const limit = claim !== undefined || credential !== undefined ? LIMITS.bodyBytes : LIMITS.unprovenBodyBytes;
  return readBody(request, fields, limit).then((bytes) => {
    exchange.body = bytes;
  });
}

function signature(exchange: Exchange, { operations }: HttpParts): void | Promise<void> {
  if (exchange.claim === undefined) return;
  return operations.credentials.confirm(exchange.claim, exchange.body).then((credential) => {
    exchange.credential = credential;
  });
}

function bodyCredential(exchange: Exchange, { operations, own }: HttpParts): void | Promise<void> {
  const { body: bytes, fields, source, surface } = exchange;
  exchange.json = surface.parseBody(bytes, fields);
  if (exchange.match.entry.need === "public") return;
  const here = (): readonly string[] => audiencesOf(exchange.request, fields, source, own);
  const proof = surface.bodyCredential(exchange.json, operations.credentials, here);
  if (proof !== undefined && exchange.credential !== undefined) throw new FleetError("TWO_CREDENTIALS");
  const found = proof?.();
  if (found instanceof Promise) {
    return found.then((credential) => {
      exchange.credential = credential;
    });
  }
  exchange.credential = found ?? exchange.credential;
  requireClaimedCaller(exchange);
}

/** The discontinued product believed a node id in the body; here it must be the one that signed. */
function requireClaimedCaller({ credential, json, surface }: Exchange): void {
  const claimed = surface.claimedCaller(json);
  if (claimed === undefined || (credential?.kind === "peer" && credential.id === claimed)) return;
  throw new FleetError("AUTHENTICATION_REQUIRED", "callerNodeID proves nothing by itself; sign the request with that node's key");
}

function perform(exchange: Exchange, { operations }: HttpParts): void | Promise<void> {
  const { match: found, surface, target } = exchange;
  exchange.input = surface.input(found, target.query, exchange.json);
  exchange.idempotencyKey = idempotencyKey(exchange.fields["idempotency-key"], surface.keyInBody(exchange.json));
  const output = operations.perform(exchange);
  if (output instanceof Promise) {
    return output.then((settled: unknown) => {
      exchange.output = settled;
    });
  }
  exchange.output = output;
}

function answer(exchange: Exchange, parts: HttpParts): void {
  const { credential, match: found, output, requestId, response, source, surface, target: asked } = exchange;
  if (credential !== undefined) parts.onProven(source);
  const { status, body: rendered, headers, type } = surface.render(found, output, asked);
  const fields = withNotices(headers, parts.operations.notices(credential));
  if (type === undefined) answerJson(response, status, rendered, requestId, fields);
  else answerText(response, status, type, String(rendered), requestId, fields);
}

/** Returns a surface's own fields and what is to be told of the credential as one list; mostly both are empty. */
function withNotices(headers: readonly string[] | undefined, notices: readonly string[]): readonly string[] {
  return notices.length === 0 ? (headers ?? []) : [...(headers ?? []), ...notices];
}

function signedMessage({ request }: Exchange) {
  return { method: request.method ?? "", target: request.url ?? "", rawHeaders: request.rawHeaders };
}
