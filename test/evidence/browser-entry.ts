// What a page would load: the verifier and a port, nothing else.
export { parseBundle, verifyBundle } from '../../core/evidence/index.ts';
export { nobleCrypto } from './noble-crypto.ts';
