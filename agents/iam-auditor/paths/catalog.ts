import { z } from 'zod';
import credentials from './credentials.json' with { type: 'json' };
import passRole from './pass-role.json' with { type: 'json' };
import policies from './policies.json' with { type: 'json' };
import runningCode from './running-code.json' with { type: 'json' };

/** What a permission of a path must reach before the path is open. */
export const TargetKind = z.enum([
  'customer-policy',
  'user',
  'other-user',
  'group',
  'role',
  'passable-role',
  'any',
]);
export type TargetKind = z.infer<typeof TargetKind>;

/** One way to more power: all permissions together, each on its kind of target. */
export const EscalationPath = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  permissions: z.array(z.strictObject({ action: z.string(), on: TargetKind })).min(1),
  /** Taking these away closes the path. */
  cut: z.array(z.string()).min(1),
  targetCondition: z.string(),
  /** The service that a passed role must trust. */
  service: z.string().optional(),
  gain: z.string(),
  references: z.array(z.url()).min(1),
});
export type EscalationPath = z.infer<typeof EscalationPath>;

/** All known paths, in the order in which they are reported. */
export const ESCALATION_PATHS: readonly EscalationPath[] = z
  .array(EscalationPath)
  .parse([...policies, ...credentials, ...passRole, ...runningCode]);
