import type { Mutation } from '../../adapters/embedded/account/account.ts';
import type { JsonObject } from '../../core/json.ts';
import { cut, type Layout } from '../audit/layout.ts';
import { shortArn } from '../audit/names.ts';

const TEXT_CHARACTERS_MAX = 62;

/** Calls of the account's own log, one a line, with the account's answer. */
export function accountLog(calls: readonly Mutation[], { colors }: Layout): string {
  return calls
    .map(({ operation, input, answer }) => {
      const names = Object.entries(input)
        .filter(([field]) => field !== 'PolicyDocument')
        .map(([, value]) => shortArn(String(value)).replace('policy/', ''));
      const text = `${operation.replace('iam:', '').padEnd(17)} ${names.join('  ')}`;
      const code = errorOf(answer as JsonObject);
      const end = code === undefined ? colors.green('done') : colors.red(code);
      return `    ${cut(text, TEXT_CHARACTERS_MAX).padEnd(TEXT_CHARACTERS_MAX)} ${end}`;
    })
    .join('\n');
}

const errorOf = (answer: JsonObject): string | undefined =>
  (answer['error'] as { readonly code: string } | undefined)?.code;
