// An authenticator app (RFC 6238).
import { createHmac } from "node:crypto";

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

export class Authenticator {
  private last = 0;
  constructor(private readonly secret: string) {}

  at(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeBigInt64BE(BigInt(step));
    const mac = createHmac("sha1", fromBase32(this.secret)).update(counter).digest();
    const bits = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
    return String(bits % 1_000_000).padStart(6, "0");
  }

  /** A code that was not used yet: of the step before the present one, then the present one, then the next. */
  next(): string {
    // At the end of a step the one before it would be too old when it arrives.
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 3_000) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left + 10);
    const present = Math.floor(Date.now() / 30_000);
    this.last = Math.max(this.last + 1, present - 1);
    if (this.last > present + 1) throw new Error("three codes within 30 seconds are all there are");
    return this.at(this.last);
  }
}
