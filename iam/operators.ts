/** The types of comparison that IAM knows; each fixes how both sides are read. */
export type OperatorFamily =
  | 'string'
  | 'numeric'
  | 'date'
  | 'bool'
  | 'binary'
  | 'ip'
  | 'arn'
  | 'null';

/** How two values are compared once they are read. */
export type Comparison = 'equals' | 'equals-ignore-case' | 'like' | 'lt' | 'le' | 'gt' | 'ge';

/**
 * One condition operator without its `ForAllValues:` or `ForAnyValue:` prefix and `IfExists`
 * suffix.
 */
export interface Operator {
  readonly name: string;
  readonly family: OperatorFamily;
  readonly comparison: Comparison;
  /** True for the `Not` forms, which also hold when the key is absent. */
  readonly negated: boolean;
}

const operator = (
  name: string,
  family: OperatorFamily,
  comparison: Comparison,
  negated = false,
): Operator => ({ name, family, comparison, negated });

const ordered = (prefix: string, family: OperatorFamily): Operator[] => [
  operator(`${prefix}Equals`, family, 'equals'),
  operator(`${prefix}NotEquals`, family, 'equals', true),
  operator(`${prefix}LessThan`, family, 'lt'),
  operator(`${prefix}LessThanEquals`, family, 'le'),
  operator(`${prefix}GreaterThan`, family, 'gt'),
  operator(`${prefix}GreaterThanEquals`, family, 'ge'),
];

const OPERATORS: readonly Operator[] = [
  operator('StringEquals', 'string', 'equals'),
  operator('StringNotEquals', 'string', 'equals', true),
  operator('StringEqualsIgnoreCase', 'string', 'equals-ignore-case'),
  operator('StringNotEqualsIgnoreCase', 'string', 'equals-ignore-case', true),
  operator('StringLike', 'string', 'like'),
  operator('StringNotLike', 'string', 'like', true),
  ...ordered('Numeric', 'numeric'),
  ...ordered('Date', 'date'),
  operator('Bool', 'bool', 'equals'),
  operator('BinaryEquals', 'binary', 'equals'),
  operator('IpAddress', 'ip', 'like'),
  operator('NotIpAddress', 'ip', 'like', true),
  operator('ArnEquals', 'arn', 'like'),
  operator('ArnLike', 'arn', 'like'),
  operator('ArnNotEquals', 'arn', 'like', true),
  operator('ArnNotLike', 'arn', 'like', true),
  operator('Null', 'null', 'equals'),
];

const BY_LOWER_NAME = new Map(OPERATORS.map((each) => [each.name.toLowerCase(), each]));

/** An operator as written in a policy, taken apart. */
export interface ParsedOperator {
  readonly operator: Operator;
  readonly set?: 'ForAllValues' | 'ForAnyValue';
  readonly ifExists: boolean;
}

/**
 * Reads `ForAnyValue:StringLikeIfExists` and the like, in any case; undefined when IAM has no such
 * operator.
 */
export function parseOperator(text: string): ParsedOperator | undefined {
  let rest = text.toLowerCase();
  let set: ParsedOperator['set'];
  if (rest.startsWith('forallvalues:')) set = 'ForAllValues';
  if (rest.startsWith('foranyvalue:')) set = 'ForAnyValue';
  if (set !== undefined) rest = rest.slice(set.length + 1);
  const ifExists = rest.endsWith('ifexists');
  if (ifExists) rest = rest.slice(0, -'ifexists'.length);
  const found = BY_LOWER_NAME.get(rest);
  if (found === undefined) return undefined;
  if (found.family === 'null' && (ifExists || set !== undefined)) return undefined;
  return { operator: found, ifExists, ...(set === undefined ? {} : { set }) };
}
