/**
 * SHA-256 (FIPS 180-4), for whoever must know a hash at once, as of an id. A page loads all it runs, and a library's
 * would be a tenth of it; Node's own is not there in pages, and WebCrypto's comes later.
 */

const BLOCK = 64;

/** §4.2.2: of the first 64 primes the cube roots, §5.3.3: of the first eight the square roots; 32 bits behind the point. */
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter((n) => n > 1 && !/^(11+)\1+$/.test("1".repeat(n)));
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const INITIAL = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

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

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}
