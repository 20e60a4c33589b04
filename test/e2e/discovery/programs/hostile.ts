/**
 * A responder that means harm. `claim <id> <address> <port>`: says that the node of that id is at that address.
 * `storm`: claims each name of the service that it hears, asks without end, garbles, and writes how many packets each
 * host sent.
 */

import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import multicastDns from "multicast-dns";
import { SERVICE } from "../../../../src/discovery/names.ts";

const [mode, own = "", ...rest] = process.argv.slice(2);
const mdns = multicastDns({ interface: own, bind: "224.0.0.251" });
const packets: Record<string, number> = {};
const names = new Set<string>();

function claim(instance: string, host: string, address: string, port: number, id: string): void {
  mdns.respond({
    answers: [
      { type: "PTR", name: SERVICE, data: instance, ttl: 4500 },
      { type: "SRV", name: instance, data: { target: host, port, priority: 0, weight: 0 }, ttl: 120, flush: true },
      { type: "TXT", name: instance, data: ["txtvers=1", `id=${id}`, "v=0.1.0"], ttl: 4500, flush: true },
      { type: "A", name: host, data: address, ttl: 120, flush: true },
    ],
  });
}

/** Packets that are none: noise, and others' packets with a few bytes changed or the end cut off. */
function garble(): void {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  let heard = randomBytes(200);
  socket.on("message", (bytes, { address }) => {
    if (address !== own && bytes.length > 12) heard = bytes;
  });
  socket.bind(5353, "224.0.0.251", () => {
    socket.setMulticastInterface(own);
    setInterval(() => {
      const bytes =
        randomInt(4) === 0 ? randomBytes(randomInt(1, 600)) : Buffer.from(heard.subarray(0, randomInt(12, heard.length + 1)));
      for (let i = 0; i < 3; i++) bytes[randomInt(bytes.length)] = randomInt(256);
      socket.send(bytes, 5353, "224.0.0.251");
    }, 2);
  });
}

function storm(): void {
  garble();
  mdns.on("response", ({ answers = [] }: { answers?: { type: string; name: string }[] }, { address }: { address: string }) => {
    if (address === own) return;
    packets[address] = (packets[address] ?? 0) + 1;
    for (const { type, name } of answers) if (type === "SRV" && name.endsWith(SERVICE)) names.add(name);
  });
  const id = "00000000-0000-8000-8000-000000000000";
  setInterval(() => {
    for (const name of names) {
      claim(name, "elsewhere.local", own, 1, id);
      mdns.respond({ answers: [{ type: "PTR", name: SERVICE, data: name, ttl: 0 }] });
      mdns.query({ questions: [{ name, type: "SRV" }] });
    }
    mdns.query({ questions: [{ name: SERVICE, type: "PTR" }] });
    mdns.respond({ answers: [{ type: "TXT", name: `x.${SERVICE}`, data: ["="], ttl: 1 }] });
  }, 10);
  setInterval(() => process.stdout.write(`${JSON.stringify(packets)}\n`), 500);
}

if (mode === "storm") storm();
else {
  const [address = "", port = "", id = ""] = rest;
  setInterval(() => claim(`trick (000000).${SERVICE}`, "trick.local", address, Number(port), id), 500);
}
