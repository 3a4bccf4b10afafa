/** A message with its type byte, as every message but the first is sent. */
export type WireMessage = { readonly code: string; readonly body: Buffer };

export type FrameReader = {
  push(chunk: Buffer): void;
  /** The next message without a type byte (start-up, TLS request, cancel), or undefined until it is complete. */
  takeUntyped(): Buffer | undefined;
  takeTyped(): WireMessage | undefined;
};

const longestMessage = 64 * 1024 * 1024;

/** Cuts a byte stream into messages: an optional type byte, an Int32 length that counts itself, the body. */
export function createFrameReader(): FrameReader {
  let pending: Buffer = Buffer.alloc(0);
  const take = (codeLength: number): Buffer | undefined => {
    if (pending.length < codeLength + 4) return undefined;
    const length = pending.readInt32BE(codeLength);
    if (length < 4 || length > longestMessage) throw new RangeError(`a message of ${length} bytes`);
    if (pending.length < codeLength + length) return undefined;
    const message = pending.subarray(0, codeLength + length);
    pending = pending.subarray(codeLength + length);
    return message;
  };
  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    },
    takeUntyped: () => take(0)?.subarray(4),
    takeTyped() {
      const message = take(1);
      return message && { code: String.fromCharCode(message[0] ?? 0), body: message.subarray(5) };
    },
  };
}

export type BodyReader = {
  readonly left: number;
  int16(): number;
  int32(): number;
  cstring(): string;
  bytes(length: number): Buffer;
};

/** Reads the fields of one message's body in their order. */
export function readBody(body: Buffer): BodyReader {
  let offset = 0;
  const advance = (length: number): number => {
    offset += length;
    return offset - length;
  };
  return {
    get left() {
      return body.length - offset;
    },
    int16: () => body.readInt16BE(advance(2)),
    int32: () => body.readInt32BE(advance(4)),
    cstring() {
      const end = body.indexOf(0, offset);
      if (end < 0) throw new RangeError('a string without its end');
      return body.toString('utf8', advance(end - offset + 1), end);
    },
    bytes(length) {
      const start = advance(length);
      return body.subarray(start, start + length);
    },
  };
}

export type MessageWriter = {
  /** Bytes written so far. */
  readonly length: number;
  /** Begins a message; `end` fills in its length. */
  begin(code: string): MessageWriter;
  int8(value: number): MessageWriter;
  int16(value: number): MessageWriter;
  int32(value: number): MessageWriter;
  int64(value: bigint): MessageWriter;
  cstring(text: string): MessageWriter;
  bytes(bytes: Uint8Array): MessageWriter;
  /** Text after its Int32 length in bytes; null is length -1. */
  value(text: string | null): MessageWriter;
  end(): MessageWriter;
  /** Everything written, which the writer then forgets. */
  take(): Buffer;
};

/** Writes messages one after another into a growing buffer. */
export function createMessageWriter(): MessageWriter {
  let buffer = Buffer.allocUnsafe(1024);
  let length = 0;
  let lengthAt = 0;
  const room = (bytes: number): number => {
    if (length + bytes > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length + bytes, buffer.length * 2));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    length += bytes;
    return length - bytes;
  };
  // Room first: it may replace the buffer.
  const writer: MessageWriter = {
    get length() {
      return length;
    },
    begin(code) {
      writer.int8(code.charCodeAt(0));
      lengthAt = room(4);
      return writer;
    },
    int8: (value) => written(room(1), (at) => buffer.writeUInt8(value, at)),
    int16: (value) => written(room(2), (at) => buffer.writeInt16BE(value, at)),
    int32: (value) => written(room(4), (at) => buffer.writeInt32BE(value, at)),
    int64: (value) => written(room(8), (at) => buffer.writeBigInt64BE(value, at)),
    cstring(text) {
      writer.bytes(Buffer.from(text, 'utf8'));
      return writer.int8(0);
    },
    bytes: (bytes) => written(room(bytes.length), (at) => buffer.set(bytes, at)),
    value(text) {
      if (text === null) return writer.int32(-1);
      const start = room(4 + text.length * 3);
      const bytes = buffer.write(text, start + 4, 'utf8');
      buffer.writeInt32BE(bytes, start);
      length = start + 4 + bytes;
      return writer;
    },
    end: () => written(lengthAt, (at) => buffer.writeInt32BE(length - at, at)),
    take() {
      const taken = buffer.subarray(0, length);
      buffer = Buffer.allocUnsafe(1024);
      length = 0;
      return taken;
    },
  };
  const written = (at: number, write: (at: number) => unknown): MessageWriter => {
    write(at);
    return writer;
  };
  return writer;
}
