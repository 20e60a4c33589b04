/**
 * SHA-256 (FIPS 180-4) for whoever needs a hash at once, such as that of an id. Pages do not have Node's own, WebCrypto's
 * is asynchronous, and a library's would be a tenth of what a page loads.
 */

const BLOCK = 64;

/** §4.2.2: the first 32 bits behind the point of the cube roots of the first 64 primes. */
const K = words(`
  428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
  d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
  e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
  983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
  27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
  a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
  19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
  748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
`);

/** §5.3.3: the same bits of the square roots of the first eight primes. */
const INITIAL = words("6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19");

/** Returns 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const state = Int32Array.from(INITIAL);
  const padded = pad(message);
  for (let at = 0; at < padded.byteLength; at += BLOCK) compress(state, schedule(padded, at));
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, value] of state.entries()) digest.setInt32(4 * i, value);
  return new Uint8Array(digest.buffer);
}

/** §5.1.1: a bit of 1, zeros, and the length in bits, up to whole blocks. */
function pad(message: Uint8Array): DataView {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, 8n * BigInt(message.length));
  return view;
}

/** §6.2.2, step 1. */
function schedule(block: DataView, at: number): Int32Array {
  const w = new Int32Array(64);
  for (let t = 0; t < 16; t++) w[t] = block.getInt32(at + 4 * t);
  for (let t = 16; t < 64; t++) {
    const [x, y] = [word(w, t - 15), word(w, t - 2)];
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
    w[t] = word(w, t - 16) + s0 + word(w, t - 7) + s1;
  }
  return w;
}

/** §6.2.2, steps 2 to 4. */
function compress(state: Int32Array, w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + choice + word(K, t) + word(w, t);
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => {
    state[i] = word(state, i) + value;
  });
}

function rotr(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

function word(words: Int32Array, at: number): number {
  return words[at] ?? 0;
}

function words(hex: string): Int32Array {
  return Int32Array.from(hex.match(/\w+/g) ?? [], (digits) => parseInt(digits, 16));
}
