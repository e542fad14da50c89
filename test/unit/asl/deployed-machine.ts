import { readFileSync } from 'node:fs';
import aslValidator from 'asl-validator';

/** A machine before it is parsed, which tests change to see that a check can fail. */
export type Raw = { StartAt: string; States: Record<string, Record<string, unknown>> };

const FOLDER = new URL('../../../statemachines/', `file://${__filename}`);

/** The text of a file of `statemachines/`, by its name without the ending. */
export function textOfMachine(name: string): string {
  return readFileSync(new URL(`${name}.asl.json`, FOLDER), 'utf8');
}

/** What an independent validator says of the text, with functions in the places of its tasks. */
export function validated(text: string): ReturnType<typeof aslValidator> {
  const deployed = text.replace(
    /\$\{([A-Z][a-z]+)\}/g,
    'arn:aws:lambda:us-east-1:111122223333:function:$1',
  );
  return aslValidator(JSON.parse(deployed));
}

export const stateOf = (raw: Raw, name: string): Record<string, unknown> => {
  const state = raw.States[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  return state;
};

export const choiceOf = (raw: Raw, name: string, index: number): { Next: string } =>
  (stateOf(raw, name)['Choices'] as { Next: string }[])[index] as { Next: string };
