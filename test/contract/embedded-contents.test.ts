import { embeddedContents } from '../../adapters/embedded/contents.ts';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { makeTestFiles } from '../integration/support/store-dump.ts';
import { contentsContract } from './contents-contract.ts';

contentsContract('embedded', () => {
  const files = makeTestFiles();
  const [one, two] = [openStoreDatabase(files.storePath), openStoreDatabase(files.storePath)];
  return {
    contents: embeddedContents(one),
    other: embeddedContents(two),
    close() {
      two.close();
      one.close();
      files.remove();
    },
  };
});
