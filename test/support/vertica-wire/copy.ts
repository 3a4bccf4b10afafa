import type { WireMessage, MessageWriter } from './framing.ts';
import { writeBare, writeCommandComplete } from './messages.ts';
import { syntaxError, WireError } from './wire-error.ts';

/** One COPY FROM LOCAL under way: the conversation about files. What arrives is kept and not loaded into a table. */
export class Copy {
  readonly #files: readonly string[];
  readonly #chunks: Buffer[] = [];

  constructor(sql: string) {
    const [, file, stdin] = /\bfrom\s+local\s+(?:'((?:''|[^'])*)'|(stdin))/i.exec(sql) ?? [];
    if (file === undefined && stdin === undefined) throw syntaxError('COPY', 1);
    this.#files = file === undefined ? [] : [file.replaceAll("''", "'")];
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Asks the client to look at its files. */
  begin(out: MessageWriter): void {
    out.begin('F').int16(this.#files.length);
    for (const file of this.#files) out.cstring(file);
    out.cstring('').cstring('').end();
  }

  /** Takes one message of the client; true when the conversation is over. */
  take({ code, body }: WireMessage, out: MessageWriter): boolean {
    switch (code) {
      case 'F':
        if (this.#files.length === 0) out.begin('G').int8(0).int16(0).end();
        else
          out
            .begin('H')
            .cstring(this.#files[0] ?? '')
            .end();
        return false;
      case 'd':
        this.#chunks.push(Buffer.from(body));
        return false;
      case 'j':
        writeBare(out, 'J');
        if (this.#files.length === 0) return false;
        writeCommandComplete(out);
        return true;
      case 'c':
        writeCommandComplete(out);
        return true;
      default:
        throw new WireError('57014', 'COPY: the client gave up');
    }
  }
}
