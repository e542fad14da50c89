import { App, CliCredentialsStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { addStacks } from '../../infra/stacks.ts';

// The very stacks of infra/app.ts. The emulator enforces IAM and does not know what the roles of
// `cdk bootstrap` may do, so that the caller's own keys publish and deploy.
const synthesizer = () => new CliCredentialsStackSynthesizer() as IStackSynthesizer;
addStacks(new App(), { synthesizer });
