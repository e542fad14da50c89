import { CloudRefusedError } from '../../core/errors.ts';
import type { Cloud, CloudRequest } from '../../core/ports/cloud.ts';

/**
 * Makes a call whose aim is reached already when IAM answers that there is nothing to take away.
 */
export async function callUnlessGone(cloud: Cloud, request: CloudRequest): Promise<void> {
  try {
    await cloud.call(request);
  } catch (error) {
    if (!(error instanceof CloudRefusedError && error.code === 'NoSuchEntity')) throw error;
  }
}
