import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registry } from '../../../actions/registry.ts';
import { createApi } from '../../../api/app.ts';
import { type ApiWorld, openApiWorld, PLAN } from './api-world.ts';

const ADDRESS = 'https://bundles.test/one';
const MEGABYTE = 1024 * 1024;

let opened: ApiWorld;
beforeEach(() => {
  opened = openApiWorld();
});
afterEach(() => opened.close());

/** An API whose records have that many bytes, and what it has put elsewhere. */
const apiOf = (recordBytes: number, canPresign: boolean) => {
  const { ports } = opened.world;
  const put: { readonly streamId: string; readonly bytes: number }[] = [];
  const api = createApi({
    ports: {
      ...ports,
      store: { ...ports.store, records: async () => [new Uint8Array(recordBytes)] },
    },
    start: async () => undefined,
    surface: 'operator',
    callerOf: async () => ({ type: 'Operator', id: 'ops' }),
    actions: registry.all,
    policies: () => ({ policySetDigest: '0'.repeat(64), policies: [] }),
    version: '1.2.3',
    ...(canPresign
      ? {
          async presign(streamId: string, bundle: Uint8Array) {
            put.push({ streamId, bytes: bundle.length });
            return ADDRESS;
          },
        }
      : {}),
  });
  return { api, put };
};

describe('a bundle', () => {
  test.each([
    ['small', MEGABYTE, true, 200],
    ['large', 4 * MEGABYTE, true, 303],
    ['large, where there is no elsewhere', 4 * MEGABYTE, false, 200],
  ] as const)('that is %s', async (_, recordBytes, canPresign, status) => {
    const { id } = await opened.world.propose(PLAN.steps);
    const { api, put } = apiOf(recordBytes, canPresign);

    const response = await api.request(`/v1/transactions/${id}/bundle`);

    expect(response.status).toBe(status);
    expect(response.headers.get('location')).toBe(status === 303 ? ADDRESS : null);
    expect(put.map(({ streamId }) => streamId)).toEqual(status === 303 ? [`tx:${id}`] : []);
  });

  test('of another is not put elsewhere', async () => {
    const { api, put } = apiOf(4 * MEGABYTE, true);

    const response = await api.request('/v1/transactions/tx-none/bundle');

    expect(response.status).toBe(404);
    expect(put).toEqual([]);
  });
});
