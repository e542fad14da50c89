/** Statements and documents, in few words. */
export type StatementText = Readonly<Record<string, unknown>>;

// A resource that is null is left out.
const statement =
  (Effect: string) =>
  (Action: unknown, Resource: unknown = '*', more: object = {}): StatementText => ({
    Effect,
    Action,
    ...(Resource === null ? {} : { Resource }),
    ...more,
  });

export const allow = statement('Allow');
export const deny = statement('Deny');
export const policyText = (...Statement: readonly StatementText[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });
/** Allow or Deny by the names of what is not meant. */
export const except = (
  Effect: 'Allow' | 'Deny',
  NotAction: unknown,
  Resource: unknown = '*',
): StatementText => ({ Effect, NotAction, Resource });
export const variable = (name: string): string => `\${${name}}`;
export const whenever = (operator: string, key: string, value: unknown): object => ({
  Condition: { [operator]: { [key]: value } },
});
