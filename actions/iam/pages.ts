import { InvariantError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Cloud, CloudRequest } from '../../core/ports/cloud.ts';

const PAGES_MAX = 100;

/** All items of a list operation, page by page. Throws `InvariantError` for a list without an end. */
export async function collect(
  cloud: Cloud,
  request: CloudRequest,
  field: string,
): Promise<readonly Json[]> {
  const items: Json[] = [];
  let marker: Json | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const input = marker === undefined ? request.input : { ...request.input, Marker: marker };
    const answer = (await cloud.call({ ...request, input })) as JsonObject;
    items.push(...((answer[field] ?? []) as readonly Json[]));
    marker = answer['Marker'];
    if (answer['IsTruncated'] !== true) return items;
    // What is left out would read as not there.
    if (marker === undefined) break;
  }
  throw new InvariantError(`\`${request.operation}\` must end, within ${PAGES_MAX} pages`);
}
