import type { Context } from './deployment.ts';
import { type IamProxy, openIamProxy } from './iam-proxy.ts';
import { openWorld, reconfigure, type World } from './world.ts';

/** A deployment whose effects go through a proxy, where tests plan faults. */
export interface FaultyWorld {
  readonly world: World;
  readonly proxy: IamProxy;
  stop(): Promise<void>;
}

/** Opens a world with a proxy between `execute` and IAM. It is halted, as every fresh deployment. */
export async function openFaultyWorld(context: Context = {}): Promise<FaultyWorld> {
  const world = await openWorld(context);
  const proxy = await openIamProxy(world.emulator.endpoint);
  await pointAtProxy(world, proxy);
  return {
    world,
    proxy,
    async stop() {
      await proxy.close();
      await world.stop();
    },
  };
}

/** Has a function reach IAM through the proxy, as after every deployment. */
export function pointAtProxy(
  world: World,
  { endpoint }: IamProxy,
  entry: 'execute' | 'compensate' = 'execute',
): Promise<void> {
  return reconfigure(world, entry, { variables: { AWS_ENDPOINT_URL_IAM: endpoint } });
}
