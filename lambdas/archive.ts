import { S3Client } from '@aws-sdk/client-s3';
import { archiveChange } from '../adapters/aws/archive.ts';
import { handleBatch, StreamEvent } from '../adapters/aws/archive-events.ts';
import { CLIENT } from './clients.ts';
import { variable } from './environment.ts';
import { handler as asHandler, parseEvent } from './handler.ts';
import { reportNotArchived, reportOverwrite } from './metrics.ts';

const client = new S3Client(CLIENT);

/** Keeps what is put as evidence or decision for good, and tells of what is not just put. */
export const handler = asHandler((event) => {
  const tables = {
    [variable('EVIDENCE_TABLE')]: 'evidence',
    [variable('DECISIONS_TABLE')]: 'decisions',
    [variable('LOG_TABLE')]: 'log',
  };
  const parts = { client, bucket: variable('ARCHIVE_BUCKET'), onOverwrite: reportOverwrite };
  return handleBatch(parseEvent(StreamEvent, event), {
    tables,
    handle: (change) => archiveChange(parts, change),
    onFailure: reportNotArchived,
  });
});
