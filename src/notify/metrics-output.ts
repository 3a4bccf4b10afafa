import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MetricsOutput } from '../job/schema/notify.ts';
import { sendRequest } from './http.ts';
import { SendFailure } from './send-failure.ts';

/** Puts metrics where the target wants them. Throws SendFailure, without the address. */
export async function putMetrics(text: string, { file, push }: MetricsOutput, signal: AbortSignal): Promise<void> {
  if (file !== undefined) await replaceFile(file, text);
  if (push !== undefined) await pushTo(push, text, signal);
}

/** A reader sees the old file or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SendFailure(`the metrics file could not be written: ${code}`);
  }
}

async function pushTo(address: string, text: string, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
  const url = `${address.replace(/\/$/, '')}/metrics/job/segtag`;
  try {
    await sendRequest(url, { method: 'PUT', body: text, headers }, signal);
  } catch (error) {
    const reason = error instanceof SendFailure ? error.message : 'it cannot be reached';
    throw new SendFailure(`the Pushgateway did not take the metrics: ${reason}`);
  }
}
