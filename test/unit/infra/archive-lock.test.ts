import { describe, expect, it } from '@jest/globals';
import { idOf } from './guards.ts';
import { synthesize, type Template } from './synthesis.ts';

const bucketOf = (template: Template) =>
  template.Resources[idOf(template, 'AWS::S3::Bucket', 'Archive')]?.Properties ?? {};

describe('the lock of the archive', () => {
  it.each([
    ['one that does not exist', { lock: 'none', retentionDays: 365 }],
    ['no time', { lock: 'compliance', retentionDays: 0 }],
    ['less than half a year', { lock: 'compliance', retentionDays: 182 }],
    ['more than S3 knows', { lock: 'compliance', retentionDays: 36_501 }],
  ])('refuses %s', (_what, archive) => {
    expect(() => synthesize({ archive: JSON.stringify(archive) })).toThrow();
  });

  it('keeps evidence for at least half a year as shipped, and may be told to', () => {
    const daysOf = (settings: Record<string, string>) => {
      const template = synthesize(settings).controlPlane;
      const own = bucketOf(template);
      return own['ObjectLockConfiguration'].Rule.DefaultRetention.Days;
    };
    const least = { archive: JSON.stringify({ lock: 'governance', retentionDays: 183 }) };

    expect(daysOf({})).toBeGreaterThanOrEqual(183);
    expect(daysOf(least)).toBe(183);
  });

  it('is the one that was asked for', () => {
    const archive = JSON.stringify({ lock: 'compliance', retentionDays: 3650 });
    const template = synthesize({ archive }).controlPlane;
    const own = bucketOf(template);

    expect(own['ObjectLockConfiguration'].Rule.DefaultRetention).toEqual({
      Mode: 'COMPLIANCE',
      Days: 3650,
    });
  });
});
