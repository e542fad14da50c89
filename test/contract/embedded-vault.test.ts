import { openTestWorld } from '../integration/support/world.ts';
import { vaultContract } from './vault-contract.ts';

vaultContract('embedded', openTestWorld);
