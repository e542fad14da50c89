import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListQuery, Store } from '../../core/ports/store.ts';
import type { OpenedStore } from './store-contract.ts';
import { changeOf, put } from './store-samples.ts';

const COUNT = 25;

/** What every store promises of listing. */
export function storeListContract(name: string, open: () => OpenedStore): void {
  describe(`the lists of the store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = open();
      ({ store } = opened);
      for (let index = 0; index < COUNT; index += 1)
        await put(store, `tx-${index}`, {
          agent: index % 2 === 0 ? 'even' : 'odd',
          status: index % 5 === 0 ? 'committed' : 'proposed',
        });
    });
    afterEach(() => opened.close());

    const pagesOf = async (
      query: Omit<ListQuery, 'after'>,
      between: (page: number) => Promise<unknown> = async () => undefined,
    ): Promise<readonly (readonly string[])[]> => {
      const pages: (readonly string[])[] = [];
      let after: string | undefined;
      do {
        const page = await opened.other.list({
          ...query,
          ...(after === undefined ? {} : { after }),
        });
        pages.push(page.transactions.map((one) => one.id));
        after = page.next;
        await between(pages.length);
      } while (after !== undefined && pages.length < COUNT);
      return pages;
    };
    const newestFirst = (keep: (index: number) => boolean = () => true) =>
      Array.from({ length: COUNT }, (_, index) => index)
        .filter(keep)
        .reverse()
        .map((index) => `tx-${index}`);

    it.each([1, 7, 24, 25, 26])(
      'show each one once, newest first, in pages of %s',
      async (limit) => {
        const pages = await pagesOf({ limit });

        expect(pages.flat()).toEqual(newestFirst());
        expect(pages).toHaveLength(Math.ceil(COUNT / limit));
      },
    );

    it('neither repeat nor miss one when more come between two pages', async () => {
      const pages = await pagesOf({ limit: 10 }, (page) => put(store, `tx-new-${page}`));

      expect(pages.flat()).toEqual(newestFirst());
    });

    it('filter by status, by agent and by both', async () => {
      const limit = 4;

      const byStatus = await pagesOf({ limit, status: 'committed' });
      const byAgent = await pagesOf({ limit, agent: 'odd' });
      const byBoth = await pagesOf({ limit, agent: 'odd', status: 'committed' });

      expect(byStatus.flat()).toEqual(newestFirst((index) => index % 5 === 0));
      expect(byAgent.flat()).toEqual(newestFirst((index) => index % 2 === 1));
      expect(byBoth.flat()).toEqual(newestFirst((index) => index % 10 === 5));
    });

    it('leave out of the open ones what is sealed, and nothing else', async () => {
      for (const id of ['tx-3', 'tx-10']) await changeOf(store, id, { update: { sealed: true } });

      const pages = await pagesOf({ limit: 10, isOpen: true });

      expect(pages.flat()).toEqual(newestFirst((index) => index !== 3 && index !== 10));
    });

    it('are empty when nothing fits', async () => {
      const page = await store.list({ limit: 10, agent: 'nobody' });

      expect(page).toEqual({ transactions: [] });
    });
  });
}
