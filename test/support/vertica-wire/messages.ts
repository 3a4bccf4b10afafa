import { readBody, type MessageWriter } from './framing.ts';
import type { VerticaColumn } from './types.ts';
import type { WireError } from './wire-error.ts';

const tlsRequestCode = 80_877_103;
const cancelRequestCode = 80_877_102;

/** Protocol 3.16 as the start-up message and the server's parameter spell it. */
export const protocol316 = (3 << 16) | 16;

export type Opening =
  | { readonly kind: 'tls' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secretKey: number }
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> };

/** The message that opens a connection. Vertica's header says 3.5; the version that counts is a parameter of four bytes. */
export function readOpening(message: Buffer): Opening {
  const body = readBody(message);
  const code = body.int32();
  if (code === tlsRequestCode) return { kind: 'tls' };
  if (code === cancelRequestCode) return { kind: 'cancel', processId: body.int32(), secretKey: body.int32() };
  if (code !== ((3 << 16) | 5)) throw new RangeError(`a start-up message of version ${code >> 16}.${code & 0xffff}`);
  const parameters = new Map<string, string>();
  for (let key = body.cstring(); key !== ''; key = body.cstring()) {
    if (key === 'protocol_version') {
      parameters.set(key, String(body.int32()));
      body.bytes(1);
    } else parameters.set(key, body.cstring());
  }
  return { kind: 'startup', parameters };
}

export type Bind = { readonly portal: string; readonly statement: string; readonly values: readonly (string | null)[] };

/** A Bind message: Vertica puts the type of each parameter before the values. */
export function readBind(message: Buffer): Bind & { readonly types: readonly number[] } {
  const body = readBody(message);
  const [portal, statement] = [body.cstring(), body.cstring()];
  for (let formats = body.int16(); formats > 0; formats--)
    if (body.int16() !== 0) throw new RangeError('a parameter in binary');
  const count = body.int16();
  const types = Array.from({ length: count }, () => body.int32());
  const values = Array.from({ length: count }, () => {
    const length = body.int32();
    return length < 0 ? null : body.bytes(length).toString('utf8');
  });
  return { portal, statement, values, types };
}

export function writeParameterStatus(writer: MessageWriter, name: string, value: string): void {
  writer.begin('S').cstring(name).cstring(value).end();
}

export function writeReady(writer: MessageWriter, inTransaction: boolean): void {
  writer
    .begin('Z')
    .int8((inTransaction ? 'T' : 'I').charCodeAt(0))
    .end();
}

/** The columns of a result. A type that isn't native stands in the pool at the front, and its column points there. */
export function writeRowDescription(writer: MessageWriter, columns: readonly VerticaColumn[]): void {
  writer.begin('T').int16(columns.length);
  if (columns.length > 0) {
    const pool = columns.filter((column) => column.userType !== undefined);
    writer.int32(pool.length);
    for (const { oid, userType = '' } of pool) writer.int32(oid).cstring(userType);
    for (const [i, column] of columns.entries()) {
      writer
        .cstring(column.name)
        .int64(0n)
        .int16(i + 1);
      if (column.userType === undefined) writer.int8(0).int32(column.oid);
      else writer.int8(1).int32(pool.indexOf(column));
      writer.int16(column.size).int16(1).int16(0).int32(column.modifier).int16(0);
    }
  }
  writer.end();
}

export function writeParameterDescription(writer: MessageWriter, oids: readonly number[]): void {
  writer.begin('t').int16(oids.length);
  if (oids.length > 0) writer.int32(0);
  for (const oid of oids) writer.int8(0).int32(oid).int32(-1).int16(0);
  writer.end();
}

/** What a Describe says last: the kind of statement, and whether an INSERT became a COPY (never here). */
export function writeCommandDescription(writer: MessageWriter, tag: string): void {
  writer.begin('m').cstring(tag).int16(0).cstring('').end();
}

export function writeDataRow(writer: MessageWriter, values: readonly (string | null)[]): void {
  writer.begin('D').int16(values.length);
  for (const value of values) writer.value(value);
  writer.end();
}

/** Vertica's tag is empty. */
export function writeCommandComplete(writer: MessageWriter): void {
  writer.begin('C').cstring('').end();
}

/** A message without a body: ParseComplete 1, BindComplete 2, CloseComplete 3, NoData n, PortalSuspended s, EmptyQuery I, EndOfBatchResponse J. */
export function writeBare(writer: MessageWriter, code: '1' | '2' | '3' | 'n' | 's' | 'I' | 'J'): void {
  writer.begin(code).end();
}

export function writeError(writer: MessageWriter, error: WireError, severity: 'ERROR' | 'FATAL' = 'ERROR'): void {
  writer.begin('E');
  const field = (code: string, text: string): void => void writer.int8(code.charCodeAt(0)).cstring(text);
  field('S', severity);
  field('C', error.sqlState);
  field('M', error.message);
  if (error.position !== undefined) field('P', String(error.position));
  writer.int8(0).end();
}
