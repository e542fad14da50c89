import type { Finding, Severity } from '../../agents/iam-auditor/finding.ts';
import type { Colors } from '../output.ts';

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** 0 is worst. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** True when a finding is of that severity or worse. */
export function isAtLeast(finding: Finding, severity: Severity): boolean {
  return rankOf(finding.severity) <= rankOf(severity);
}

/** The text in the colour of its severity. */
export function paint({ red, yellow, cyan, dim, bold }: Colors, severity: Severity, text: string) {
  switch (severity) {
    case 'critical':
      return bold(red(text));
    case 'high':
      return red(text);
    case 'medium':
      return yellow(text);
    case 'low':
      return cyan(text);
    case 'info':
      return dim(text);
  }
}
