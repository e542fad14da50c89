import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { InvalidInputError, TransientError } from '../../core/errors.ts';
import { type KillMode, type KillScope, stricter } from '../../core/ports/kill-switch.ts';
import { modeNamed } from './fence.ts';
import { repeatable } from './sdk-errors.ts';

/** Characters of a standard parameter ("Parameter tiers", Systems Manager user guide). */
const PARAMETER_CHARACTERS_MAX = 4096;

/** What the operators' parameter says, as of one of its versions. */
export interface ParameterState {
  /** 0 when there is no parameter. */
  readonly version: number;
  readonly modes: ReadonlyMap<KillScope, KillMode>;
  /** Epoch milliseconds of the last write. */
  readonly at: number;
}

const ABSENT: ParameterState = { version: 0, modes: new Map([['all', 'halt']]), at: 0 };

/**
 * The modes in a parameter's text: one mode for all (`halt`, as a person types it into the
 * console), or a JSON object of scope and mode. What is neither, or lacks `all`, halts all.
 */
export function parseModes(value: string): ReadonlyMap<KillScope, KillMode> {
  const halted = new Map<KillScope, KillMode>([['all', 'halt']]);
  const trimmed = value.trim();
  if (!trimmed.startsWith('{')) return new Map([['all', modeNamed(trimmed, 'halt')]]);
  try {
    const entries = Object.entries(JSON.parse(trimmed) as Record<string, unknown>);
    const modes = entries.map(([scope, mode]) => [scope, modeNamed(String(mode), 'halt')] as const);
    return new Map([...halted, ...modes]);
  } catch {
    return halted;
  }
}

/** The text of some modes; a scope that runs is left out, `all` aside. */
export function modesText(modes: ReadonlyMap<KillScope, KillMode>): string {
  const kept = [...modes].filter(([scope, mode]) => scope === 'all' || mode !== 'running');
  const text = JSON.stringify(Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))));
  if (text.length <= PARAMETER_CHARACTERS_MAX) return text;
  throw new InvalidInputError(
    'kill-switch-full',
    `the kill switch has more scopes than ${PARAMETER_CHARACTERS_MAX} characters can name`,
    { hint: 'release scopes that need no halt, or engage the scope `all`' },
  );
}

/** The strictest mode that the parameter has for some scopes, `all` included. */
export function modeFor({ modes }: ParameterState, scopes: readonly KillScope[]): KillMode {
  return ['all', ...scopes].map((scope) => modes.get(scope) ?? 'running').reduce(stricter);
}

/** Reads the parameter; one that is not there halts. Throws when it cannot be read. */
export async function readParameter(client: SSMClient, name: string): Promise<ParameterState> {
  try {
    const command = new GetParameterCommand({ Name: name });
    const { Parameter } = await repeatable('kill-switch-unreachable', () => client.send(command));
    const { Value = '', Version = 0, LastModifiedDate } = Parameter ?? {};
    return { version: Version, modes: parseModes(Value), at: LastModifiedDate?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof ParameterNotFound) return ABSENT;
    throw error;
  }
}

/**
 * Sets the mode of one scope and returns the new version. A parameter knows no condition: when
 * somebody else wrote it between our read and our write, what they said is lost, so all is halted
 * and `TransientError` (`kill-switch-busy`) thrown.
 */
export async function writeParameter(
  client: SSMClient,
  name: string,
  { scope, mode }: { readonly scope: KillScope; readonly mode: KillMode },
): Promise<number> {
  const before = await readParameter(client, name);
  const modes = new Map([...before.modes, [scope, mode]]);
  const version = await put(client, name, modes);
  if (version === before.version + 1) return version;
  // A parameter that was made again begins at 1.
  if (before.version === 0 && version === 1) return version;
  await put(client, name, new Map([...modes, ['all', 'halt']]));
  throw new TransientError(
    'kill-switch-busy',
    'somebody else moved the kill switch: all is halted',
  );
}

async function put(
  client: SSMClient,
  name: string,
  modes: ReadonlyMap<KillScope, KillMode>,
): Promise<number> {
  const command = new PutParameterCommand({
    Name: name,
    Value: modesText(modes),
    Type: 'String',
    Overwrite: true,
  });
  const { Version = 0 } = await repeatable('kill-switch-unreachable', () => client.send(command));
  return Version;
}
