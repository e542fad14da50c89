import { describe, expect, it } from '@jest/globals';
import { modeIn, modeNamed } from '../../../adapters/aws/fence.ts';
import { modeFor, modesText, parseModes } from '../../../adapters/aws/kill-switch-parameter.ts';
import { text } from '../../../adapters/aws/store-items.ts';

describe('the fence', () => {
  it.each([
    [undefined, 'halt'],
    [{}, 'halt'],
    [{ all: text('Running') }, 'halt'],
    [{ all: text('running') }, 'running'],
    [{ all: text('running'), 'agent:a': text('freeze') }, 'freeze'],
    [{ all: text('drain'), 'agent:b': text('freeze') }, 'drain'],
    [{ all: text('running'), 'agent:a': text('?') }, 'halt'],
    [{ all: { N: '1' } }, 'halt'],
  ] as const)('as %j is at %s', (fence, mode) => {
    expect(modeIn(fence, ['agent:a'])).toBe(mode);
  });

  it('knows no other words', () => {
    expect(
      ['running', 'drain', 'halt', 'freeze', 'on', ''].map((one) => modeNamed(one, 'drain')),
    ).toEqual(['running', 'drain', 'halt', 'freeze', 'halt', 'halt']);
    expect(modeNamed(undefined, 'drain')).toBe('drain');
  });
});

describe('the text of the parameter', () => {
  it.each([
    ['halt', 'halt'],
    [' freeze\n', 'freeze'],
    ['running', 'running'],
    ['stop', 'halt'],
    ['', 'halt'],
    ['{}', 'halt'],
    ['{"all":"running"}', 'running'],
    ['{"all":"running","agent:a":"freeze"}', 'freeze'],
    ['{"all":"running","agent:a":null}', 'halt'],
    ['{"all":"running"', 'halt'],
    ['[]', 'halt'],
  ])('`%s` is %s', (value, mode) => {
    expect(modeFor({ version: 1, at: 0, modes: parseModes(value) }, ['agent:a'])).toBe(mode);
  });

  it('says what it was made of, without the scopes that run', () => {
    const modes = new Map([
      ['all', 'running'],
      ['agent:a', 'freeze'],
      ['agent:b', 'running'],
    ] as const);

    expect(modesText(modes)).toBe('{"agent:a":"freeze","all":"running"}');
  });

  it('ends at the characters of a parameter', () => {
    const scopes = Array.from({ length: 200 }, (_, index) => `agent:iam-auditor-${index}`);

    expect(() => modesText(new Map(scopes.map((scope) => [scope, 'halt'] as const)))).toThrow(
      expect.objectContaining({ code: 'kill-switch-full' }),
    );
  });
});
