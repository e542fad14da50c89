import type { Node } from 'constructs';
import { z } from 'zod';

// `-c name=value` on the command line gives texts; `cdk.json` gives values.
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((one) => one === 'true')]);
const parsed = <Value>(schema: z.ZodType<Value>) =>
  z.preprocess((one) => (typeof one === 'string' ? JSON.parse(one) : one), schema);
const accountId = z.string().regex(/^\d{12}$/);
/** Evidence is kept for half a year at least. */
const RETENTION_DAYS_MIN = 183;
/** A hundred years ("Object Lock", S3 user guide). */
const RETENTION_DAYS_MAX = 36_500;
/** Their ARNs are a variable of a function, and all of those have 4 KB together. */
const SEAL_KEYS_MAX = 20;
const APPROVAL_MS_MAX = 7 * 24 * 60 * 60 * 1000;
const milliseconds = z.int().min(0).max(900_000);

const Settings = z.strictObject({
  /** Part of every name, so that several control planes fit into one account. */
  stage: z.string().regex(/^[a-z][a-z0-9]{0,15}$/),
  /** The accounts whose action role the vault may assume; its own when there are none. */
  targetAccounts: parsed(z.array(accountId).max(100)),
  /** Where the control plane is, for the action role of another account; its own when absent. */
  controlPlaneAccount: accountId.optional(),
  architecture: z.enum(['arm64', 'x86_64']),
  /** Keeps tables and key when the stack goes; only tests turn it off. */
  deletionProtection: flag,
  logRetentionDays: z.coerce.number<number>(),
  /** Who is written to when an alarm goes off; the topic alone when absent. */
  alarmEmail: z.email().optional(),
  /** For how long nobody can delete archived evidence; under `compliance` not even the owner. */
  archive: parsed(
    z.strictObject({
      lock: z.enum(['governance', 'compliance']),
      retentionDays: z.int().min(RETENTION_DAYS_MIN).max(RETENTION_DAYS_MAX),
    }),
  ),
  /** How many keys that seal there have been: the last seals, the others are kept. */
  sealKeys: z.coerce.number<number>().int().min(1).max(SEAL_KEYS_MAX),
  /** Sets the role that API Gateway writes logs with, which an account has once. */
  gatewayLogs: flag,
  /** Serves operators, with a user pool; off where there is no Cognito. */
  cognito: flag,
  /** Whether operators must sign in with a second factor. */
  operatorMfa: z.enum(['required', 'optional']),
  /** What the scheduled auditor does with each target account, and when (EventBridge Scheduler). */
  auditor: parsed(
    z.strictObject({
      mode: z.enum(['report', 'propose', 'apply']),
      /** `off` where there is no scheduler. */
      schedule: z.string().regex(/^(off|(at|cron|rate)\(.{1,100}\))$/),
    }),
  ),
  /** Records X-Ray traces of functions and state machines. */
  tracing: flag,
  /** The account has SSM's higher throughput, so that no function needs a bound for its sake. */
  highThroughputSsm: flag,
  timing: parsed(
    z.strictObject({
      settleMs: milliseconds,
      effectMs: milliseconds,
      skewMs: milliseconds,
      leaseMs: milliseconds,
      /** How long an approval can be used. */
      approvalMs: z.int().min(0).max(APPROVAL_MS_MAX),
    }),
  ),
});

/** What a deployment is configured by: the context of `cdk.json` and of the command line. */
export type Settings = z.infer<typeof Settings>;

/** Reads the settings from a construct's context. Throws with the place of what is not valid. */
export function settingsOf(node: Node): Settings {
  const names = Object.keys(Settings.shape);
  const context = names.map((name) => [name, node.tryGetContext(name) as unknown] as const);
  return Settings.parse(Object.fromEntries(context.filter(([, value]) => value !== undefined)));
}
