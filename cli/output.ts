import pc from 'picocolors';
import { escapeControls, withoutControls } from './plain-text.ts';

/** What a stream must offer. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command prints: data on stdout and nothing else, messages on stderr. */
export interface Output {
  readonly isJson: boolean;
  /** True when a person watches stderr: progress may be drawn, questions asked. */
  readonly isInteractive: boolean;
  /** For text on stdout; without effect when piped or under NO_COLOR. */
  readonly colors: Colors;
  /** For text on stderr; likewise. */
  readonly messageColors: Colors;
  /** The result of the command: the value as JSON with --json, otherwise the text. */
  print(value: unknown, text: () => string): void;
  /** A line for the person, on stderr; also with --json. */
  message(text: string): void;
}

/** What an output is made of. */
export interface OutputOptions {
  readonly isJson: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The output of a process. */
export function openOutput({ isJson, stdout, stderr, environment }: OutputOptions): Output {
  const mayColor = !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const hasColor = (sink: Sink) => mayColor && sink.isTTY === true;
  return {
    isJson,
    isInteractive: stderr.isTTY === true,
    colors: pc.createColors(hasColor(stdout)),
    messageColors: pc.createColors(hasColor(stderr)),
    print(value, text) {
      const printed = isJson
        ? escapeControls(JSON.stringify(value, undefined, 2))
        : withoutControls(text(), hasColor(stdout));
      stdout.write(`${printed}\n`);
    },
    message(text) {
      stderr.write(`${withoutControls(text, hasColor(stderr))}\n`);
    },
  };
}
