/**
 * UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then randomness.
 *
 * Request ids are made here, before the first byte is sent, because only the client knows that a second
 * POST is the same wish and not a new one. `crypto.randomUUID` would not do: it makes version 4, and it
 * is missing on plain-http origins, where `getRandomValues` still works.
 */
export function uuidv7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let time = now
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = time % 256
    time = Math.floor(time / 256)
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/**
 * The id of one wish of a person, kept while its outcome is unknown.
 *
 * A lost answer must be asked for again with the same id (the server then returns the stored result);
 * after a known outcome the next press is a new wish and takes a new id.
 */
export class Wish {
  #id: string | null = null

  get id(): string {
    this.#id ??= uuidv7()
    return this.#id
  }

  settle(): void {
    this.#id = null
  }
}
