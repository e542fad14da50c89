import type { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../../../core/json.ts';

/** The four kinds of thing in an account. */
export type EntityKind = 'user' | 'group' | 'role' | 'policy';

/** One user, group, role or policy; `body` is its GAAD detail with every document as text. */
export interface Entity {
  readonly kind: EntityKind;
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  readonly position: number;
  /** The highest version number ever given to a policy; version ids never return. */
  readonly versionsMade: number;
  readonly body: JsonObject;
}

/** What a read sees. */
export interface Entities {
  byArn(arn: string): Entity | undefined;
  /** Those of one account whose name is equal but for case, as IAM compares names. */
  byName(kind: EntityKind, accountId: string, name: string): readonly Entity[];
  list(): readonly Entity[];
}

/** What a mutation sees: its own changes first. Nothing is written before `changes` is flushed. */
export interface EntityEdit extends Entities {
  put(entity: Entity): void;
  remove(arn: string): void;
  nextPosition(): number;
  changes(): ReadonlyMap<string, Entity | undefined>;
}

/** The entities of the database as they are now. */
export function presentEntities(database: DatabaseSync): Entities {
  const byArn = database.prepare('SELECT * FROM entity WHERE arn = ?');
  const byName = database.prepare(
    'SELECT * FROM entity WHERE kind = ? AND account_id = ? AND name = ? COLLATE NOCASE',
  );
  const list = database.prepare('SELECT * FROM entity ORDER BY position');
  return {
    byArn: (arn) => entityOf(byArn.get(arn)),
    byName: (kind, accountId, name) => entitiesOf(byName.all(kind, accountId, name)),
    list: () => entitiesOf(list.all()),
  };
}

/** `base` with some entities replaced or, where `undefined`, taken away. */
export function overlay(
  base: Entities,
  changed: ReadonlyMap<string, Entity | undefined>,
): Entities {
  const unchanged = (entity: Entity): boolean => !changed.has(entity.arn);
  const live = (): Entity[] => [...changed.values()].filter((entity) => entity !== undefined);
  return {
    byArn: (arn) => (changed.has(arn) ? changed.get(arn) : base.byArn(arn)),
    byName: (kind, accountId, name) => [
      ...base.byName(kind, accountId, name).filter(unchanged),
      ...live().filter(
        (entity) =>
          entity.kind === kind &&
          entity.accountId === accountId &&
          entity.name.toLowerCase() === name.toLowerCase(),
      ),
    ],
    list: () =>
      [...base.list().filter(unchanged), ...live()].sort(
        (left, right) => left.position - right.position,
      ),
  };
}

/** A buffer of changes over `base`. */
export function editEntities(base: Entities, nextPosition: () => number): EntityEdit {
  const changed = new Map<string, Entity | undefined>();
  return {
    ...overlay(base, changed),
    put: (entity) => void changed.set(entity.arn, entity),
    remove: (arn) => void changed.set(arn, undefined),
    nextPosition,
    changes: () => changed,
  };
}

/** One row as an entity. */
export function entityOf(row: Record<string, unknown> | undefined): Entity | undefined {
  if (row === undefined) return undefined;
  return {
    kind: row['kind'] as EntityKind,
    arn: row['arn'] as string,
    accountId: row['account_id'] as string,
    name: row['name'] as string,
    position: row['position'] as number,
    versionsMade: row['versions_made'] as number,
    body: JSON.parse(row['body'] as string) as JsonObject,
  };
}

function entitiesOf(rows: readonly Record<string, unknown>[]): Entity[] {
  return rows.map(entityOf).filter((entity) => entity !== undefined);
}
