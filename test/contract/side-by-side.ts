/** One test as Jest reports it. */
export interface Reported {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/** The tests of one contract on one adapter, and how each ended. */
export interface Suite {
  /** `the store`: what is promised. */
  readonly contract: string;
  /** `aws`: who promises it. */
  readonly adapter: string;
  readonly statusOf: ReadonlyMap<string, string>;
}

/** The contracts among these tests; each stands under `CONTRACT: ADAPTER`. */
export function suitesOf(
  reported: readonly Reported[],
  contracts: readonly string[],
): readonly Suite[] {
  const suites = new Map<
    string,
    { contract: string; adapter: string; tests: Map<string, string> }
  >();
  for (const { ancestorTitles, title, status } of reported) {
    const [heading = '', ...groups] = ancestorTitles;
    const contract = contracts.find((one) => heading.startsWith(`${one}: `));
    if (contract === undefined) continue;
    const adapter = heading.slice(`${contract}: `.length);
    const suite = suites.get(heading) ?? { contract, adapter, tests: new Map() };
    suites.set(heading, suite);
    suite.tests.set([...groups, title].join(' > '), status);
  }
  return [...suites.values()].map(({ tests, ...one }) => ({ ...one, statusOf: tests }));
}

/** How adapters of one contract differ in what is tested, or in what passes; a sentence each. */
export function differences(
  contracts: readonly string[],
  embedded: readonly Suite[],
  aws: readonly Suite[],
): readonly string[] {
  return contracts.flatMap((contract) => {
    const ours = embedded.filter((one) => one.contract === contract);
    const theirs = aws.filter((one) => one.contract === contract);
    if (ours.length === 0) return [`${contract}: no embedded adapter is tested`];
    if (theirs.length === 0) return [`${contract}: no AWS adapter is tested`];
    const all = [...ours, ...theirs];
    const titles = new Set(all.flatMap(({ statusOf }) => [...statusOf.keys()]));
    return all.flatMap(({ adapter, statusOf }) =>
      [...titles].flatMap((title) => {
        const status = statusOf.get(title);
        const wanted = ours[0]?.statusOf.get(title) ?? theirs[0]?.statusOf.get(title);
        return status === wanted ? [] : [`${contract}: ${adapter}: ${status ?? 'lacks'}: ${title}`];
      }),
    );
  });
}

/** A line for each contract: how many of its tests each adapter has passed. */
export function countsOf(contracts: readonly string[], suites: readonly Suite[]): string {
  const lines = contracts.map((contract) => {
    const counts = suites
      .filter((one) => one.contract === contract)
      .map(({ adapter, statusOf }) => {
        const passed = [...statusOf.values()].filter((status) => status === 'passed').length;
        return `${passed} of ${statusOf.size} ${adapter}`;
      });
    return `${contract}: ${counts.join(' | ')}`;
  });
  return lines.join('\n');
}
