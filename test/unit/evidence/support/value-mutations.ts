/** A JSON value that differs from another at one place. */
export interface ChangedValue {
  readonly name: string;
  readonly value: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** Every value that differs at one place: each leaf altered, each member removed, one added to each
 * object and array, each element doubled. */
export function* changedValues(value: unknown, path = ''): Generator<ChangedValue> {
  if (Array.isArray(value)) yield* changedArrays(value, path);
  else if (typeof value === 'object' && value !== null)
    yield* changedObjects(value as Members, path);
  else yield* changedLeaves(value, path);
}

function* changedArrays(values: readonly unknown[], path: string): Generator<ChangedValue> {
  yield { name: `${path}[] added`, value: [...values, 'x'] };
  yield { name: `${path} to object`, value: { ...values } };
  for (const [index, element] of values.entries()) {
    const place = `${path}[${index}]`;
    yield { name: `${place} removed`, value: values.toSpliced(index, 1) };
    yield { name: `${place} doubled`, value: values.toSpliced(index, 0, element) };
    for (const changed of changedValues(element, place)) {
      yield { name: changed.name, value: values.with(index, changed.value) };
    }
  }
}

function* changedObjects(members: Members, path: string): Generator<ChangedValue> {
  yield { name: `${path}.added`, value: { ...members, added: 1 } };
  yield { name: `${path}.__proto__ added`, value: withProto(members) };
  for (const [key, member] of Object.entries(members)) {
    const place = `${path}.${key}`;
    const { [key]: _, ...others } = members;
    yield { name: `${place} removed`, value: others };
    for (const changed of changedValues(member, place)) {
      yield { name: changed.name, value: { ...members, [key]: changed.value } };
    }
  }
}

function* changedLeaves(leaf: unknown, path: string): Generator<ChangedValue> {
  switch (typeof leaf) {
    case 'string':
      yield {
        name: `${path} last letter`,
        value: `${leaf.slice(0, -1)}${otherLetter(leaf.at(-1))}`,
      };
      yield { name: `${path} longer`, value: `${leaf} ` };
      if (leaf !== '') yield { name: `${path} empty`, value: '' };
      break;
    case 'number':
      yield { name: `${path} plus 1`, value: leaf + 1 };
      yield { name: `${path} as text`, value: String(leaf) };
      break;
    case 'boolean':
      yield { name: `${path} flipped`, value: !leaf };
      break;
    default:
      throw new Error(`no mutation of a ${typeof leaf}`);
  }
}

/** Stays a digit of hex where it was one. */
function otherLetter(letter: string | undefined): string {
  return letter === '0' ? '1' : '0';
}

function withProto(members: Members): unknown {
  return JSON.parse(`{"__proto__":1,${JSON.stringify(members).slice(1)}`.replace(',}', '}'));
}
