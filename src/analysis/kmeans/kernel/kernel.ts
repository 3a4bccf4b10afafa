import { kernelBytes } from './bytes.ts';

/** The functions of `assembly/`, compiled, with a memory of their own. */
export type Kernel = Places & {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserveRows(rowCount: number, rowsPerBlock: number, clusters: number, columns: number): void;
  step(rowCount: number, fresh: boolean, weighted: boolean, inertia: number): number;
  reservePoints(pointCount: number, columns: number): void;
  cover(added: number, from: number, into: number, most: number): number;
};

/** Where arrays begin in the memory, in bytes. */
type Places = Readonly<
  Record<
    | 'centroids'
    | 'travel'
    | 'values'
    | 'weights'
    | 'labels'
    | 'expiry'
    | 'blocks'
    | 'points'
    | 'pointWeights'
    | 'distances',
    { readonly value: number }
  >
>;

/** The little of WebAssembly that is needed; neither the language's own types nor Node's declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** A new kernel, which makes room for its arrays when it is told to. */
export function newKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelBytes), (character) => character.charCodeAt(0)));
  return new WebAssembly.Instance(compiled).exports as Kernel;
}
