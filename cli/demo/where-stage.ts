import { DATA_FOLDER_DEFAULT } from '../invocation.ts';
import type { LocalControlPlane } from '../open.ts';
import type { Stages } from './stage.ts';

/** Says where everything is and how to look at it. */
export function whereStage(
  stages: Stages,
  { folder }: LocalControlPlane,
  transactionId: string,
): void {
  const { colors } = stages.layout;
  const option = folder.path === DATA_FOLDER_DEFAULT ? '' : ` --data ${folder.path}`;
  stages.heading('Yours now', `everything is in ${folder.path}`);
  const files = [
    [folder.store, 'transactions, decisions, evidence, kill switch'],
    [folder.account, 'the simulated AWS account'],
    [folder.key, 'the key that seals evidence'],
    [folder.logKey, 'the key of the log of all seals'],
    [folder.checkpoints, 'what the log was, again and again'],
  ];
  const commands = [
    [`npx interlock tx list${option}`, 'what ran'],
    [`npx interlock tx show ${transactionId}${option}`, 'the one that was undone'],
    [`npx interlock evidence verify --all${option}`, 'verify it yourself'],
    [`npx interlock kill status${option}`, 'the switch'],
    ['npx interlock audit --account FILE', 'your own account'],
  ];
  const width = Math.max(...files.map(([name = '']) => name.length));
  for (const [name = '', what = ''] of files)
    stages.line(`  ${name.padEnd(width)}  ${colors.dim(what)}`);
  stages.line();
  for (const [name = '', what = ''] of commands)
    stages.line(`  ${colors.dim(what.padEnd(24))} ${colors.bold(name)}`);
}
