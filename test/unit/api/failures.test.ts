import { describe, expect, test } from '@jest/globals';
import { TransientError } from '../../../core/errors.ts';
import { openApiWorld, PLAN, problemIn, proposing } from './api-world.ts';

const PATH = '/v1/transactions';

describe('what goes wrong inside', () => {
  test('a start that must be asked again is 503, and the same key comes to the same end', async () => {
    let fails = true;
    const started: string[] = [];
    const own = openApiWorld({
      async start({ id }) {
        if (fails) throw new TransientError('executions-unreachable', 'not now');
        started.push(id);
      },
    });
    try {
      const sending = proposing(PLAN, 'again');

      const first = await own.send(PATH, sending);
      fails = false;
      const second = await own.send(PATH, sending);

      expect(first.headers.get('retry-after')).toBe('1');
      expect(await problemIn(first)).toMatchObject({ status: 503, code: 'executions-unreachable' });
      expect(second.status).toBe(202);
      expect(started).toHaveLength(1);
    } finally {
      own.close();
    }
  });

  test('a defect says nothing of itself', async () => {
    const own = openApiWorld({
      async start() {
        throw new Error('canary');
      },
    });
    try {
      const response = await own.send(PATH, proposing());

      const text = await response.clone().text();
      expect(await problemIn(response)).toMatchObject({ status: 500, code: 'unexpected' });
      expect(text).not.toContain('canary');
      expect(own.defects).toHaveLength(1);
    } finally {
      own.close();
    }
  });
});
