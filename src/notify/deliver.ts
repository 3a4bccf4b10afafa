import { SegtagError } from '../errors.ts';
import type { Channel, QueuedMessage } from './channels.ts';
import { SendFailure } from './send-failure.ts';

/** Where messages wait until they are handed over; it outlives the process. */
export type MessageQueue = {
  /** Oldest first. */
  pending(): Promise<readonly QueuedMessage[]>;
  /** False when another process is sending it right now. */
  claim(message: QueuedMessage): Promise<boolean>;
  /** It could not be handed over. */
  release(message: QueuedMessage): Promise<void>;
  /** It was handed over. */
  settle(message: QueuedMessage): Promise<void>;
};

export type DeliveryOptions = {
  /** All channels together take no longer. */
  readonly budgetMs: number;
  readonly now: () => Date;
  /** `reason` holds no address and no secret. */
  readonly onFailure: (channel: Channel, reason: string) => void;
};

/**
 * Sends what waits, each channel's messages in their order and all channels at the same time. A channel that
 * fails keeps its messages for the next opportunity. Ends within the budget, whatever a server does.
 */
export async function deliver(
  queue: MessageQueue,
  channels: readonly Channel[],
  { budgetMs, now, onFailure }: DeliveryOptions,
): Promise<void> {
  const messages = await queue.pending();
  const signal = AbortSignal.timeout(budgetMs);
  await Promise.all(
    channels.map(async (channel) => {
      for (const message of messages.filter((each) => each.channel === channel.id)) {
        if (signal.aborted || !(await queue.claim(message))) return;
        try {
          await withinSignal(channel.send(message, { signal, now: now() }), signal);
        } catch (error) {
          onFailure(channel, reasonOf(error));
          return queue.release(message);
        }
        await queue.settle(message);
      }
    }),
  );
}

function withinSignal(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new SendFailure('it did not answer in time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof SegtagError || error instanceof SendFailure) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
