import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openTokens, type StoredToken, type Tokens } from '../../../adapters/embedded/tokens.ts';
import type { ControlRecord } from '../../../core/tasks/control.ts';

const NOW = Date.UTC(2026, 0, 1);
const TOKEN: StoredToken = {
  id: 'token-1',
  caller: { type: 'Agent', id: 'iam-auditor' },
  createdAt: NOW,
  createdBy: 'ops',
  expiresAt: NOW + 1000,
};

const record = (kind: string): ControlRecord => ({
  v: 1,
  streamId: 'control:2026-01-01',
  kind,
  at: new Date(NOW).toISOString(),
  epoch: 0,
  actor: 'operator:ops',
  data: { tokenId: 'token-1' },
  observations: [],
});

let tokens: Tokens;
beforeEach(() => {
  tokens = openTokens(':memory:');
});
afterEach(() => tokens.close());

describe('a token', () => {
  test.each([
    ['', ''],
    ['of another form', 'canary'],
    ['of no one', `interlock.token-2.${'A'.repeat(43)}`],
    ['with an empty secret', 'interlock.token-1.'],
    ['with another secret', `interlock.token-1.${'A'.repeat(43)}`],
    ['longer than its form', `interlock.token-1.${'A'.repeat(44)}`],
  ])('%s is nobody', async (_, text) => {
    await tokens.create(TOKEN, record('token-created'));

    expect(tokens.callerOf(text, NOW)).toBeUndefined();
  });

  test('is its caller until it expires', async () => {
    const text = await tokens.create(TOKEN, record('token-created'));

    expect(tokens.callerOf(text, NOW + 999)).toEqual(TOKEN.caller);
    expect(tokens.callerOf(text, NOW + 1000)).toBeUndefined();
  });

  test('altered in any place is nobody', async () => {
    const text = await tokens.create(TOKEN, record('token-created'));
    // The last character carries two bits that base64 drops: it is left alone.
    const places = Array.from({ length: text.length - 1 }, (_, index) => index);

    for (const place of places) {
      const other = text[place] === 'x' ? 'y' : 'x';
      const altered = `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
      expect(tokens.callerOf(altered, NOW)).toBeUndefined();
    }
  });

  test('that is revoked is nobody, and is revoked once', async () => {
    const text = await tokens.create(TOKEN, record('token-created'));

    const revoked = await tokens.revoke('token-1', NOW + 1, record('token-revoked'));

    expect(revoked.revokedAt).toBe(NOW + 1);
    expect(tokens.callerOf(text, NOW + 2)).toBeUndefined();
    await expect(tokens.revoke('token-1', NOW, record('token-revoked'))).rejects.toMatchObject({
      code: 'token-revoked',
    });
    await expect(tokens.revoke('token-9', NOW, record('token-revoked'))).rejects.toMatchObject({
      code: 'token-not-found',
    });
  });

  test('is not made when its record cannot be written', async () => {
    const unwritable = { ...record('token-created'), data: { half: 0.5 } };

    await expect(tokens.create(TOKEN, unwritable)).rejects.toMatchObject({
      name: 'EvidenceError',
    });

    expect(tokens.list()).toEqual([]);
  });
});
