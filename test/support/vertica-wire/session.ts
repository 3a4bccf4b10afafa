import type { Socket } from 'node:net';
import { Copy } from './copy.ts';
import { splitScript } from './dialect.ts';
import type { Executor, Prepared, RowSink } from './executor.ts';
import { createMessageWriter, readBody, type WireMessage } from './framing.ts';
import {
  readBind,
  writeBare,
  writeCommandComplete,
  writeCommandDescription,
  writeDataRow,
  writeError,
  writeParameterDescription,
  writeReady,
  writeRowDescription,
} from './messages.ts';
import { asWireError, WireError } from './wire-error.ts';

type Portal = { readonly prepared: Prepared; readonly values: readonly (string | null)[] };

const flushAtBytes = 64 * 1024;

/** Serves the messages of one session that has logged in. Answers wait for a Flush or a Sync, as Vertica's do. */
export class Session {
  readonly #socket: Socket;
  readonly #executor: Executor;
  readonly #out = createMessageWriter();
  readonly #statements = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();
  #skipsToSync = false;
  #copy: Copy | undefined;
  /** The SQL that runs or ran last. */
  sql = '';

  constructor(socket: Socket, executor: Executor) {
    this.#socket = socket;
    this.#executor = executor;
  }

  get preparedStatements(): number {
    return this.#statements.size;
  }

  /** What the last COPY FROM LOCAL has brought. */
  get copied(): Buffer | undefined {
    return this.#copy?.received;
  }

  sendReady(): void {
    writeReady(this.#out, this.#executor.inTransaction);
    this.#flush();
  }

  async handle(message: WireMessage): Promise<void> {
    if (this.#skipsToSync && message.code !== 'S') return;
    try {
      await this.#dispatch(message);
    } catch (error) {
      this.#fail(asWireError(error, this.sql));
      // The simple protocol needs no Sync.
      if (message.code === 'Q') this.sendReady();
      else this.#skipsToSync = true;
    }
  }

  async #dispatch({ code, body }: WireMessage): Promise<void> {
    switch (code) {
      case 'Q':
        return this.#query(readBody(body).cstring());
      case 'P':
        return this.#parse(body);
      case 'D':
        return this.#describe(body);
      case 'B':
        return this.#bind(body);
      case 'E':
        return this.#execute(readBody(body).cstring());
      case 'C':
        return this.#close(body);
      case 'H':
        this.#flush();
        return;
      case 'S':
        this.#skipsToSync = false;
        return this.sendReady();
      default:
        if (!this.#copy || !'Fdjcef'.includes(code)) throw new WireError('08P01', `Unexpected message type "${code}"`);
        return this.#continueCopy({ code, body });
    }
  }

  #continueCopy(message: WireMessage): void {
    const isOver = this.#copy?.take(message, this.#out) === true;
    if (isOver) this.sendReady();
    else this.#flush();
  }

  async #query(script: string): Promise<void> {
    for (const sql of splitScript(script)) {
      this.sql = sql;
      const prepared = await this.#executor.prepare(sql);
      if (prepared.parameterOids.length > 0) throw new WireError('42601', 'Syntax error at or near "?"');
      if (prepared.translated.kind === 'copy') {
        this.#executor.mustWrite();
        this.#copy = new Copy(sql);
        this.#copy.begin(this.#out);
        this.#flush();
        return;
      }
      if (prepared.translated.kind === 'empty') writeBare(this.#out, 'I');
      else {
        await this.#executor.run(prepared, [], this.#sink('described'));
        writeCommandComplete(this.#out);
      }
    }
    this.sendReady();
  }

  async #parse(message: Buffer): Promise<void> {
    const body = readBody(message);
    const [name, sql] = [body.cstring(), body.cstring()];
    if (name !== '' && this.#statements.has(name))
      throw new WireError('42P05', `Prepared statement "${name}" already exists`);
    this.sql = sql;
    this.#statements.set(name, await this.#executor.prepare(sql));
    writeBare(this.#out, '1');
  }

  #describe(message: Buffer): void {
    const body = readBody(message);
    const isStatement = body.bytes(1).toString() === 'S';
    const name = body.cstring();
    const prepared = isStatement ? this.#statement(name) : this.#portal(name).prepared;
    if (isStatement) writeParameterDescription(this.#out, prepared.parameterOids);
    if (prepared.columns) writeRowDescription(this.#out, prepared.columns);
    else writeBare(this.#out, 'n');
    if (isStatement) writeCommandDescription(this.#out, prepared.translated.words[0]?.text.toUpperCase() ?? '');
  }

  #bind(message: Buffer): void {
    const { portal, statement, values, types } = readBind(message);
    const prepared = this.#statement(statement);
    if (types.join() !== prepared.parameterOids.join())
      throw new WireError('08P01', `Parameter types ${types.join()} are not those of the statement`);
    this.#portals.set(portal, { prepared, values });
    writeBare(this.#out, '2');
  }

  async #execute(name: string): Promise<void> {
    const { prepared, values } = this.#portal(name);
    this.sql = prepared.translated.sql;
    await this.#executor.run(prepared, values, this.#sink('undescribed'));
    if (prepared.columns) writeBare(this.#out, 's');
    else writeCommandComplete(this.#out);
  }

  #close(message: Buffer): void {
    const body = readBody(message);
    const kind = body.bytes(1).toString();
    (kind === 'S' ? this.#statements : this.#portals).delete(body.cstring());
    writeBare(this.#out, '3');
  }

  #statement(name: string): Prepared {
    const prepared = this.#statements.get(name);
    if (!prepared) throw new WireError('26000', `Prepared statement "${name}" does not exist`);
    return prepared;
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name);
    if (!portal) throw new WireError('34000', `Portal "${name}" does not exist`);
    return portal;
  }

  /** In the extended protocol Describe has named the columns; in the simple one the rows' own description does. */
  #sink(columns: 'described' | 'undescribed'): RowSink {
    return {
      describe: (found) => {
        if (columns === 'described') writeRowDescription(this.#out, found);
      },
      row: (values) => writeDataRow(this.#out, values),
      drained: async () => {
        if (this.#socket.destroyed) throw new Error('the client is gone');
        if (this.#out.length < flushAtBytes || this.#flush()) return;
        await new Promise<void>((resolve) => {
          const settle = (): void => {
            this.#socket.off('drain', settle).off('close', settle);
            resolve();
          };
          this.#socket.on('drain', settle).on('close', settle);
        });
      },
    };
  }

  #fail(error: WireError): void {
    writeError(this.#out, error);
    this.#flush();
  }

  /** False when the socket wants no more for now. */
  #flush(): boolean {
    return this.#out.length === 0 || this.#socket.write(this.#out.take());
  }
}
