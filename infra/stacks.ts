import type { App, IStackSynthesizer } from 'aws-cdk-lib';
import { ControlPlaneStack } from './control-plane-stack.ts';
import { settingsOf } from './settings.ts';
import { TargetAccountStack } from './target-account-stack.ts';

/** Adds the two stacks of a stage: the control plane, and what a target account needs. */
export function addStacks(
  app: App,
  options: { readonly synthesizer?: () => IStackSynthesizer } = {},
): { readonly controlPlane: ControlPlaneStack; readonly targetAccount: TargetAccountStack } {
  const settings = settingsOf(app.node);
  const { stage } = settings;
  const props = () => {
    const synthesizer = options.synthesizer?.();
    return { settings, ...(synthesizer === undefined ? {} : { synthesizer }) };
  };
  const controlPlane = new ControlPlaneStack(app, 'ControlPlane', {
    stackName: `interlock-${stage}`,
    description: 'Interlock: the control plane',
    ...props(),
  });
  const targetAccount = new TargetAccountStack(app, 'TargetAccount', {
    stackName: `interlock-${stage}-target`,
    description: 'Interlock: what it may do in a target account',
    ...props(),
  });
  // In one account the roles that it trusts must be there first.
  if (settings.controlPlaneAccount === undefined) targetAccount.addDependency(controlPlane);
  return { controlPlane, targetAccount };
}
