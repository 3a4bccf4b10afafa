import type { Model } from '../../analysis/model.ts';
import { SegtagError } from '../../errors.ts';
import type { Staging } from '../../staging/staging.ts';
import { underLease } from '../lease.ts';

/** No job has this shape, so that no night goes on from the model. */
const resetShape = 'reset';

/**
 * Lets the next night estimate its scale, fences and clusters anew; the `scale` guard holds that
 * night. The published tags and the rest of the model stay. Returns the run whose model it is.
 */
export async function resetModel(
  staging: Staging,
  reset: { readonly job: string; readonly runId: string; readonly signal: AbortSignal },
): Promise<string> {
  return underLease(staging, reset, async () => {
    const base = await staging.publishedBase(reset.job);
    if (!base?.model)
      throw new SegtagError('E_NOT_FOUND', {
        where: reset.job,
        what: 'This job has published no model that could be reset.',
        remedy: 'See `segtag runs`; a first night starts from a new scale anyway.',
      });
    const model = { ...(base.model as Model), shapeHash: resetShape };
    await staging.renewModel({ job: reset.job, runId: base.runId, model });
    return base.runId;
  });
}
