import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import pc from 'picocolors';
import { layoutOf } from '../../../cli/audit/layout.ts';
import { sampleAccount } from '../../../cli/demo/demo.ts';
import { openDemoFolder } from '../../../cli/demo/folder.ts';
import { watchMoments } from '../../../cli/demo/moments.ts';
import { openStages } from '../../../cli/demo/stage.ts';
import { openLocal } from '../../../cli/open.ts';
import { openOutput } from '../../../cli/output.ts';
import type { EvidenceRecord } from '../../../core/evidence/record.ts';
import type { Ports } from '../../../core/tasks/ports.ts';

const scratch = mkdtempSync(join(tmpdir(), 'interlock-demo-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a claim', () => {
  const stagesWithLines = () => {
    const lines: string[] = [];
    const sink = { write: (text: string) => lines.push(text) };
    const output = openOutput({ isJson: false, stdout: sink, stderr: sink, environment: {} });
    const layout = layoutOf(pc.createColors(false), 80);
    return { lines, stages: openStages(output, layout, (text) => lines.push(text)) };
  };

  it('that does not hold ends the demonstration and says so', () => {
    const { lines, stages } = stagesWithLines();

    expect(() => stages.claim('the sky is green', false)).toThrow('the sky is green');
    expect(lines.join('')).toContain('✗ not so: the sky is green');
  });

  it('that holds is printed with a tick', () => {
    const { lines, stages } = stagesWithLines();

    stages.claim('the sky is up', true);

    expect(lines).toEqual(['  ✓ the sky is up']);
  });
});

describe('a moment', () => {
  it('acts once, after the record was written and before the run goes on', async () => {
    const order: string[] = [];
    const moments = watchMoments();
    const store = { change: async () => void order.push('written') };
    const ports = moments.wrap({ store } as unknown as Ports);
    const record = { kind: 'verified', stepIndex: 1 } as EvidenceRecord;
    const change = { records: [record] } as unknown as Parameters<Ports['store']['change']>[0];
    moments.after(
      (each) => each.stepIndex === 1,
      async () => void order.push('acted'),
    );

    await ports.store.change(change);
    order.push('went on');
    await ports.store.change(change);

    expect(order).toEqual(['written', 'acted', 'went on', 'written']);
  });
});

describe('the folder of the demonstration', () => {
  const sample = sampleAccount();
  const open = async (data: string) => {
    const { controlPlane, detour } = await openDemoFolder({ data }, sample);
    const { path } = controlPlane.folder;
    controlPlane.close();
    return { path, detour };
  };

  it('is the wanted one when it is new, and when it holds the sample account', async () => {
    const data = join(scratch, 'new');
    const first = await open(data);
    const controlPlane = openLocal({ data });
    controlPlane.account.load(sample);
    controlPlane.close();

    const second = await open(data);

    expect([first, second]).toEqual([
      { path: data, detour: undefined },
      { path: data, detour: undefined },
    ]);
  });

  it('is another when that one holds an account of somebody', async () => {
    const data = join(scratch, 'mine');
    const controlPlane = openLocal({ data });
    const [user] = sample['UserDetailList'] as readonly object[];
    const mine = { ...user, UserName: 'me', Arn: 'arn:aws:iam::123456789012:user/me' };
    controlPlane.account.load({ ...sample, UserDetailList: [mine] });
    const digest = controlPlane.account.digest();
    controlPlane.close();

    const opened = await open(data);

    expect(opened.path).toBe(join(data, 'demo-1'));
    expect(opened.detour).toContain('holds another account');
    const again = openLocal({ data });
    expect(again.account.digest()).toBe(digest);
    again.close();
  });
});
