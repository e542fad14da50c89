import { createRoute } from '@hono/zod-openapi';
import { bundleBytes, parseRecord } from '../../core/evidence/index.ts';
import { findFor } from '../../core/tasks/operate.ts';
import { streamOf } from '../../core/transaction.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers } from '../documents.ts';
import type { RecordList } from '../evidence-shapes.ts';
import { RecordQuery, TransactionPath } from '../requests.ts';
import { bundleOf } from '../view/bundle-of.ts';

/** Above it a bundle is fetched from where `presign` has put it; an answer of Lambda ends at 6 MB. */
export const BUNDLE_INLINE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of records in one answer; one record more may begin below it. */
const RECORDS_BYTES_MAX = 2 * 1024 * 1024;

/** The evidence of one transaction: its records, and the bundle that an outsider can verify. */
export function addEvidenceRoutes(api: Api, { ports, log, contents, presign }: ApiOptions): void {
  const records = createRoute({
    method: 'get',
    path: '/v1/transactions/{id}/records',
    operationId: 'readRecords',
    request: { params: TransactionPath, query: RecordQuery },
    responses: answers({ 200: ['Records in order, from one on', 'RecordList'] }),
  });
  const bundle = createRoute({
    method: 'get',
    path: '/v1/transactions/{id}/bundle',
    operationId: 'readBundle',
    request: { params: TransactionPath },
    responses: answers({
      200: ['Byte for byte as `interlock tx export` writes it', 'Bundle'],
      303: 'It is large: Location is where it can be fetched',
    }),
  });
  api.openapi(records, async (context) => {
    const { id } = context.req.valid('param');
    const { from } = context.req.valid('query');
    await findFor(ports, context.get('caller'), id);
    const stream = await ports.store.records(streamOf(id), from);
    return context.json(recordList(streamOf(id), stream, from), 200);
  });
  api.openapi(bundle, async (context) => {
    const { id } = context.req.valid('param');
    await findFor(ports, context.get('caller'), id);
    const bytes = bundleBytes(await bundleOf({ ...ports, log, contents }, streamOf(id)));
    if (presign !== undefined && bytes.length > BUNDLE_INLINE_BYTES_MAX)
      return context.redirect(await presign(streamOf(id), bytes), 303);
    return context.body(Buffer.from(bytes), 200, { 'content-type': 'application/json' });
  });
}

function recordList(streamId: string, stream: readonly Uint8Array[], from: number): RecordList {
  let room = RECORDS_BYTES_MAX;
  const shown = stream.filter((bytes) => {
    const fits = room > 0;
    room -= bytes.length;
    return fits;
  });
  return {
    streamId,
    records: shown.map((bytes) => parseRecord(bytes) as RecordList['records'][number]),
    ...(shown.length === stream.length ? {} : { next: from + shown.length }),
  };
}
