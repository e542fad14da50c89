import { describe, expect, it } from '@jest/globals';
import type { Guard } from './guards.ts';
import type { Template } from './synthesis.ts';

/** A mistake that somebody could make in a template. */
export type Change = (template: Template) => unknown;

/** A guard by its name, with the mistakes that it must see. */
export type Guarded = readonly [string, Guard, readonly (readonly [string, Change])[]];

/** Every guard holds in what is deployed, and is seen broken by each of its mistakes. */
export function describeGuards(deployed: Template, guards: readonly Guarded[]): void {
  describe.each(guards)('%s', (_name, guard, mistakes) => {
    it('holds in what is deployed', () => {
      expect(guard(deployed)).toEqual([]);
    });

    it.each(mistakes)('is seen broken when %s', (_mistake, change) => {
      const template = structuredClone(deployed);

      change(template);

      expect(guard(template)).not.toEqual([]);
    });
  });
}
