/** Why a message could not be handed over, in words without addresses and secrets. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
}
