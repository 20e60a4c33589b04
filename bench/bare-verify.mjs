// The bare side of signed requests: crypto.verify and nothing else, one after the other, for the milliseconds it is told.
// Prints a line when it is ready; answers how many signatures it verified.

import { createPublicKey, verify } from "node:crypto";

const [, , spki, message, signature] = process.argv;
const key = { key: createPublicKey({ key: Buffer.from(spki, "hex"), format: "der", type: "spki" }), dsaEncoding: "ieee-p1363" };
const signed = Buffer.from(message, "hex");
const proof = Buffer.from(signature, "hex");

process.on("message", ({ verifyFor }) => {
  if (verifyFor === undefined) return;
  const until = performance.now() + verifyFor;
  let verified = 0;
  while (performance.now() < until) {
    if (!verify("sha256", signed, key, proof)) throw new Error("the signature is wrong");
    verified++;
  }
  process.send({ verified });
});

// Only the answer to a question ends it, so it stays until it is killed.
process.channel.ref();
console.log("ready");
