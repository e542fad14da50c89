import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cedarDecisionPoint, loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { loadPolicies } from '../../../adapters/cedar/load.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';

/** The decision point of the shipped policies after a change to their folder. */
export function decisionPointAfter(change: (folder: string) => void): DecisionPoint {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-policies-'));
  try {
    cpSync('policies', folder, { recursive: true });
    change(folder);
    return loadDecisionPoint(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Adds a policy to the folder. */
export function adding(text: string): (folder: string) => void {
  return (folder) => writeFileSync(join(folder, 'added.cedar'), text);
}

/** Rewrites one file of the folder. */
export function rewriting(file: string, rewrite: (text: string) => string) {
  return (folder: string): void => {
    const path = join(folder, file);
    writeFileSync(path, rewrite(readFileSync(path, 'utf8')));
  };
}

/** The shipped policies in an engine that crashes. */
export function crashingDecisionPoint(): DecisionPoint {
  return cedarDecisionPoint(loadPolicies('policies'), () => {
    throw new Error('out of memory');
  });
}

/** What is left when the guard is gone: everything is allowed. */
export function allowingDecisionPoint(): DecisionPoint {
  const real = loadDecisionPoint('policies');
  return {
    ...real,
    async decide(request) {
      const { code: _, ...answer } = await real.decide(request);
      return { ...answer, answer: 'allow', reasons: [] };
    },
  };
}
