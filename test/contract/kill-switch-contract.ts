import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRecord } from '../../core/evidence/record.ts';
import {
  KILL_MODES,
  type KillMode,
  type KillSwitch,
  stricter,
} from '../../core/ports/kill-switch.ts';
import type { Store } from '../../core/ports/store.ts';
import { NOW_MS, sampleRecord } from './store-samples.ts';

/** A new kill switch, and the same one as another process sees it. */
export interface OpenedKillSwitch {
  readonly killSwitch: KillSwitch;
  readonly other: KillSwitch;
  readonly store: Store;
  /** Takes the setting of a scope away, as no operation does. */
  forget(scope: string): void;
  /** Writes a mode that there is not. */
  garble(scope: string): void;
  /** Makes it unreadable. */
  destroy(): void;
  close(): void;
}

const STREAM = 'control:2026-01-02';
const AGENT = 'agent:iam-auditor';
const ACTION = 'action:iam:DeleteRolePolicy';

/** What every kill switch promises. */
export function killSwitchContract(name: string, open: () => OpenedKillSwitch): void {
  describe(`the kill switch: ${name}`, () => {
    let opened: OpenedKillSwitch;
    beforeEach(() => {
      opened = open();
    });
    afterEach(() => opened.close());

    const { seq: _, ...record } = sampleRecord(STREAM, 0, 'kill-switch');
    const set = (scope: string, mode: KillMode) =>
      opened.killSwitch.set({ scope, mode, by: 'ops', reason: 'a test', at: NOW_MS }, record);
    const effective = (...scopes: readonly string[]) => opened.other.effective(scopes);

    it('halts when it is unreadable, and says so only to people', async () => {
      opened.destroy();

      expect(await opened.killSwitch.effective([AGENT])).toBe('halt');
      await expect(opened.killSwitch.settings()).rejects.toThrow();
      await expect(set('all', 'running')).rejects.toThrow();
    });

    it('halts when nobody has said that all may run', async () => {
      opened.forget('all');

      expect(await effective()).toBe('halt');
      expect(await effective(AGENT)).toBe('halt');
    });

    it.each(['all', AGENT])('halts on a mode for `%s` that there is not', async (scope) => {
      await set(scope, 'running');
      opened.garble(scope);

      expect(await effective(AGENT)).toBe('halt');
    });

    it('writes neither setting nor record when one of them cannot be', async () => {
      const bad = { ...record, data: { half: 0.5 } };
      const setting = { scope: 'all', mode: 'halt', by: 'ops', reason: 'x', at: NOW_MS } as const;

      await expect(opened.killSwitch.set(setting, bad)).rejects.toThrow();

      expect(await effective()).toBe('running');
      expect(await opened.store.records(STREAM)).toEqual([]);
    });

    it('runs when it is new, for agents and actions that nobody named', async () => {
      expect(await effective()).toBe('running');
      expect(await effective(AGENT, ACTION)).toBe('running');
      expect(await opened.killSwitch.settings()).toMatchObject([{ scope: 'all', mode: 'running' }]);
    });

    it.each(
      KILL_MODES.flatMap((all) =>
        KILL_MODES.flatMap((agent) => KILL_MODES.map((action) => [all, agent, action] as const)),
      ),
    )(
      'takes the strictest of %s for all, %s for the agent, %s for the action',
      async (...modes) => {
        const [all, agent, action] = modes;

        await set('all', all);
        await set(AGENT, agent);
        await set(ACTION, action);

        expect(await effective(AGENT, ACTION)).toBe([all, agent, action].reduce(stricter));
        expect(await effective('agent:somebody')).toBe(all);
      },
    );

    it('is seen by every process at once, with a record of each move', async () => {
      for (const mode of ['halt', 'freeze', 'running'] as const) {
        await set('all', mode);

        expect(await effective()).toBe(mode);
      }
      const records = (await opened.store.records(STREAM)).map(parseRecord);
      expect(records.map((one) => [one.seq, one.kind])).toEqual(
        [0, 1, 2].map((seq) => [seq, 'kill-switch']),
      );
    });

    it('may be set twice', async () => {
      await set(AGENT, 'halt');
      await set(AGENT, 'halt');

      const settings = await opened.other.settings();
      expect(settings.filter((one) => one.scope === AGENT)).toEqual([
        { scope: AGENT, mode: 'halt', by: 'ops', reason: 'a test', at: NOW_MS },
      ]);
    });
  });
}
