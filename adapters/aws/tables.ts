/** One attribute of a key: `S` is a text, `N` a number. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** A secondary index; it projects its keys alone: rows are read from the table, consistently. */
export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
}

/** One table, as the infrastructure deploys it and as tests make it. */
export interface TableDefinition {
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
  readonly indexes: readonly IndexDefinition[];
  /** What its stream tells: new and old images, for the archive of what is only ever put; keys. */
  readonly stream: 'images' | 'keys' | 'none';
}

/** What the tables of one deployment are called. */
export interface TableNames {
  readonly transactions: string;
  readonly evidence: string;
  readonly decisions: string;
  readonly log: string;
  readonly pending: string;
}

const text = (name: string): KeyAttribute => ({ name, type: 'S' });

const index = (name: string, partition: string): IndexDefinition => ({
  name,
  partitionKey: text(partition),
  sortKey: text('position'),
});

/** The sparse indexes of the transactions table; only rows of transactions have these keys. */
export const INDEXES = {
  byTime: index('by-time', 'listed'),
  byStatus: index('by-status', 'status'),
  byAgent: index('by-agent', 'agent'),
  /** Until it is sealed for good. */
  open: index('open', 'open'),
} as const;

/** The partition of the control streams that are open, in the transactions table: by their names,
 * which are days, the oldest comes first. */
export const OPEN_STREAMS = 'control-streams';

/** Every table of the control plane. */
export const TABLES: Readonly<Record<keyof TableNames, TableDefinition>> = {
  /** State, locks, fences, claims, idempotency keys, kill switch settings. */
  transactions: {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    indexes: Object.values(INDEXES),
    stream: 'none',
  },
  /** Records and seals: `pk` is the stream, `seq` the last record of the item. */
  evidence: {
    partitionKey: text('pk'),
    sortKey: { name: 'seq', type: 'N' },
    indexes: [],
    stream: 'images',
  },
  /** Decisions; the mark that one was used is the claim, in the transactions table. */
  decisions: {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    indexes: [],
    stream: 'images',
  },
  /** The account-wide log of seals: heads, entries, nodes, and where seals and keys stand. */
  log: {
    partitionKey: text('pk'),
    sortKey: { name: 'seq', type: 'N' },
    indexes: [],
    stream: 'images',
  },
  /** Seals that may not be in the log yet: put with the seal, deleted once it is. */
  pending: {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    indexes: [],
    stream: 'keys',
  },
};
