import { InvalidArgumentError } from '@commander-js/extra-typings';
import { invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

const PORT_DEFAULT = 4004;
const PORT_MAX = 65_535;

/** `interlock serve`: the HTTP API of a data folder. */
export const addServe: AddCommand = (program) => {
  program
    .command('serve')
    .description('serve the HTTP API of the data folder, and run its transactions')
    .option('--port <n>', 'port to listen on; 0 takes a free one', parsePort, PORT_DEFAULT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addHelpText(
      'after',
      `
Example:
  $ interlock serve --port 4004

Callers need a token: see \`interlock token create --help\`.`,
    )
    .action(({ port, host }, command) =>
      invoke(command, async (invocation) => {
        const { serveFolder } = await import('../serve/serve.ts');
        return serveFolder(invocation, { port, host });
      }),
    );
};

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`It is a number from 0 to ${PORT_MAX}.`);
}
