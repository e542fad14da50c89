import type { ListQuery, Store } from '../ports/store.ts';
import type { Transaction } from '../transaction.ts';

/** The pages of a list, as the store gives them: the newest transactions first. */
export async function* pagesOf(
  store: Pick<Store, 'list'>,
  query: Omit<ListQuery, 'after'>,
): AsyncGenerator<readonly Transaction[]> {
  let after: string | undefined;
  do {
    const page = await store.list({ ...query, ...(after === undefined ? {} : { after }) });
    yield page.transactions;
    after = page.next;
  } while (after !== undefined);
}
