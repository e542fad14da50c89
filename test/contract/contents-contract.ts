import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../../core/hash.ts';
import type { Contents } from '../../core/ports/contents.ts';

/** Contents as two processes have them. */
export interface OpenedContents {
  readonly contents: Contents;
  readonly other: Contents;
  close(): void;
}

/** Longer than an item of a table may be, and no character of one byte. */
const LONG = 'ä'.repeat(400_000);

/** What every keeper of contents promises. */
export function contentsContract(name: string, open: () => OpenedContents): void {
  describe(`contents: ${name}`, () => {
    let opened: OpenedContents;
    beforeEach(() => {
      opened = open();
    });
    afterEach(() => opened.close());

    it.each([
      ['short', '{"agents":[]}'],
      ['long', LONG],
      ['empty', ''],
    ])('keep a %s text under its digest, for everybody', async (_, text) => {
      await opened.contents.keep(text);

      expect(await opened.other.find(sha256Hex(text))).toBe(text);
    });

    it('keep the same text any number of times, at once too', async () => {
      await Promise.all([LONG, LONG].map((text) => opened.contents.keep(text)));
      await opened.other.keep(LONG);

      expect(await opened.contents.find(sha256Hex(LONG))).toBe(LONG);
    });

    it('have nothing under another digest', async () => {
      await opened.contents.keep('one');

      expect(await opened.contents.find(sha256Hex('other'))).toBeUndefined();
    });
  });
}
