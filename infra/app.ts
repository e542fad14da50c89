import { App } from 'aws-cdk-lib';
import { ControlPlaneStack } from './control-plane-stack.ts';
import { settingsOf } from './settings.ts';
import { TargetAccountStack } from './target-account-stack.ts';

const app = new App();
const settings = settingsOf(app.node);
new ControlPlaneStack(app, 'ControlPlane', {
  stackName: `interlock-${settings.stage}`,
  description: 'Interlock: the control plane',
  settings,
});
new TargetAccountStack(app, 'TargetAccount', {
  stackName: `interlock-${settings.stage}-target`,
  description: 'Interlock: what it may do in a target account',
  settings,
});
