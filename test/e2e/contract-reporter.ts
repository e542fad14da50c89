import { contractNames, runJest } from '../contract/contracts.ts';
import { countsOf, differences, type Reported, suitesOf } from '../contract/side-by-side.ts';

interface Run {
  readonly testResults: readonly { readonly testResults: readonly Reported[] }[];
}

/**
 * A reporter of Jest: runs the contracts that this run had on adapters of AWS on the embedded ones
 * too, prints the counts side by side, and fails the run when they differ.
 */
export class ContractReporter {
  readonly #isWhole: boolean;
  #error: Error | undefined;

  constructor({ testNamePattern }: { readonly testNamePattern?: string }) {
    this.#isWhole = testNamePattern === undefined || testNamePattern === '';
  }

  async onRunComplete(_: unknown, run: Run): Promise<void> {
    if (!this.#isWhole) return;
    const reported = run.testResults.flatMap(({ testResults }) => testResults);
    const aws = suitesOf(reported, contractNames());
    if (aws.length === 0) return;
    const contracts = contractNames().filter((one) => aws.some(({ contract }) => contract === one));
    const embedded = suitesOf(await runJest(['test/contract/embedded-']), contracts);
    console.log(`\nContracts passed\n${countsOf(contracts, [...embedded, ...aws])}`);
    const found = differences(contracts, embedded, aws);
    if (found.length > 0) this.#error = new Error(`contracts differ:\n${found.join('\n')}`);
  }

  getLastError(): Error | undefined {
    return this.#error;
  }
}

// biome-ignore lint/style/noDefaultExport: jest wants a reporter as the default export
export default ContractReporter;
