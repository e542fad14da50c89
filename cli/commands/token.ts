import { type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import type { EmbeddedLog } from '../../adapters/embedded/log.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flushLog } from '../flush-log.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';
import { UNIT_MS } from '../since.ts';

/** `interlock token ...`: who may call `interlock serve`. */
export const addToken: AddCommand = (program) => {
  const token = program.command('token').description('who may call `interlock serve`');
  addCreate(token);
  addList(token);
  addRevoke(token);
};

type OpenedTokens = ReturnType<typeof import('../../adapters/embedded/tokens.ts').openTokens>;

function addCreate(token: CommandUnknownOpts): void {
  token
    .command('create')
    .description('make a token for one agent or operator; it is shown once')
    .option('--agent <id>', 'an agent of policies/agents.json')
    .option('--operator <name>', 'a person')
    .option('--expires <time>', 'how long it lives: 30d, 12h, 15m', parseLife)
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock token create --agent iam-auditor --expires 30d',
    )
    .action(({ agent, operator, expires }, command) =>
      invoke(command, (invocation) =>
        withTokens(invocation, async (tokens, log) => {
          const { createToken } = await import('../serve/token-operations.ts');
          const { tokenView } = await import('../view/tokens.ts');
          const { stored, text } = await createToken(tokens, {
            caller: callerOf(agent, operator),
            ...(expires === undefined ? {} : { lifeMs: expires }),
          });
          const { output } = invocation;
          output.print({ ...tokenView(stored), token: text }, () => text);
          if (!output.isJson) output.message('keep it: only its hash is stored');
          await flushLog(log, output);
          return EXIT.ok;
        }),
      ),
    );
}

function addList(token: CommandUnknownOpts): void {
  token
    .command('list')
    .description('list tokens, the newest first')
    .addHelpText('after', '\nExample:\n  $ interlock token list')
    .action((_, command) =>
      invoke(command, (invocation) =>
        withTokens(invocation, async (tokens) => {
          const { tokenLine, tokenView } = await import('../view/tokens.ts');
          const views = tokens.list().map(tokenView);
          invocation.output.print({ tokens: views }, () =>
            views.length === 0 ? 'no tokens' : views.map(tokenLine).join('\n'),
          );
          return EXIT.ok;
        }),
      ),
    );
}

function addRevoke(token: CommandUnknownOpts): void {
  token
    .command('revoke')
    .description('end a token; the next request with it is refused')
    .argument('<id>', 'token id, from `token list`')
    .addHelpText('after', '\nExample:\n  $ interlock token revoke token-0199...')
    .action((id, _, command) =>
      invoke(command, (invocation) =>
        withTokens(invocation, async (tokens, log) => {
          const { revokeToken } = await import('../serve/token-operations.ts');
          const { tokenLine, tokenView } = await import('../view/tokens.ts');
          const view = tokenView(await revokeToken(tokens, id));
          invocation.output.print(view, () => tokenLine(view));
          await flushLog(log, invocation.output);
          return EXIT.ok;
        }),
      ),
    );
}

async function withTokens(
  { data }: Invocation,
  work: (tokens: OpenedTokens, log: EmbeddedLog) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { openTokens } = await import('../../adapters/embedded/tokens.ts');
  // The folder is opened as every other command does it, so that its errors are the same.
  const controlPlane = openExisting({ data });
  const tokens = openTokens(controlPlane.folder.store);
  try {
    return await work(tokens, controlPlane.log);
  } finally {
    tokens.close();
    controlPlane.close();
  }
}

function callerOf(agent: string | undefined, operator: string | undefined) {
  if (agent !== undefined && operator === undefined) return { type: 'Agent', id: agent } as const;
  if (operator !== undefined && agent === undefined)
    return { type: 'Operator', id: operator } as const;
  throw new InvalidInputError('usage', 'pass either --agent or --operator');
}

const LIFE_DIGITS_MAX = 5;

function parseLife(text: string): number {
  const [, count = '', unit = ''] =
    new RegExp(`^([1-9]\\d{0,${LIFE_DIGITS_MAX - 1}})([mhd])$`).exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It is a number with m, h or d, such as 30d.');
}
