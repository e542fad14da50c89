/** What was written to standard output and error while a function ran, line by line, as JSON. */
export interface Output {
  readonly text: () => string;
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  readonly stop: () => void;
}

/** Keeps what is written from here on, and nothing of it reaches the terminal. */
export function captureOutput(): Output {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams)
    stream.write = ((chunk: unknown) => {
      written.push(`${chunk}`);
      return true;
    }) as typeof stream.write;
  const text = () => written.join('');
  const lines = () =>
    text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const stop = () => {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] as never;
  };
  return { text, lines, stop };
}
