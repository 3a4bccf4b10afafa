import { didYouMean } from '../../job/did-you-mean.ts';
import { mistakeAt, type Mistake, type SourceText } from '../../job/mistake.ts';
import type { Job } from '../../job/schema.ts';
import type { Token } from './scan-template.ts';

export const builtins = ['as_of', 'run_id'] as const;
export type Builtin = (typeof builtins)[number];

/** What a job declares for its templates. */
export type Declared = Pick<Job['source'], 'params' | 'identifiers'>;

/** Parameters of a template that the job does not declare, declares as the other kind, or gives a bad value. */
export function usageMistakes(source: SourceText, tokens: readonly Token[], declared: Declared): Mistake[] {
  return tokens.flatMap((token) => {
    const complaint = complaintAbout(token, declared);
    return complaint ? [mistakeAt(source, { range: token, path: '', ...complaint })] : [];
  });
}

type Complaint = { readonly message: string; readonly suggestion?: string | undefined };

function complaintAbout(token: Token, declared: Declared): Complaint | undefined {
  if (token.kind === 'value') return aboutValue(token.name, declared);
  return token.kind === 'identifier' ? aboutIdentifier(token.name, declared) : undefined;
}

function aboutValue(name: string, { params, identifiers }: Declared): Complaint | undefined {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (Array.isArray(value) && value.length === 0)
    return { message: `:${name} is an empty list, which matches nothing`, suggestion: 'give at least one value' };
  if (value !== undefined || isBuiltin(name)) return undefined;
  if (Object.hasOwn(identifiers, name))
    return { message: `${name} is an identifier, not a value`, suggestion: `write :${name}:` };
  const known = [...builtins, ...Object.keys(params)];
  return { message: `:${name} is not among source.params`, suggestion: nearest(name, known, (near) => `:${near}`) };
}

const plainName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

function aboutIdentifier(name: string, { params, identifiers }: Declared): Complaint | undefined {
  const value = Object.hasOwn(identifiers, name) ? identifiers[name] : undefined;
  if (value !== undefined && !plainName.test(value))
    return {
      message: `source.identifiers.${name} is not a plain name`,
      suggestion: 'use letters, digits and _, in parts separated by dots',
    };
  if (value !== undefined) return undefined;
  if (Object.hasOwn(params, name) || isBuiltin(name))
    return { message: `${name} is a value, not an identifier`, suggestion: `write :${name}` };
  const suggestion = nearest(name, Object.keys(identifiers), (near) => `:${near}:`);
  return { message: `:${name}: is not among source.identifiers`, suggestion };
}

function nearest(name: string, known: readonly string[], write: (near: string) => string): string {
  const near = didYouMean(name, known);
  if (near !== undefined) return `did you mean ${write(near)}?`;
  const list = known.length === 0 ? '' : `one of ${known.map(write).join(', ')}; `;
  return `${list}a colon that starts no parameter is written \\:`;
}

function isBuiltin(name: string): name is Builtin {
  return (builtins as readonly string[]).includes(name);
}
