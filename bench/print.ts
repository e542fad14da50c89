import Table from 'cli-table3';

/** Prints a table under its title. */
export function print(title: string, rows: readonly (readonly (string | number)[])[]): void {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  console.log(`\n${title}\n${table.toString()}`);
}
