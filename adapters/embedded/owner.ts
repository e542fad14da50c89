import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** A name for what this process runs: host, process, and a random part against reused ids. */
export function ownerOfProcess(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
}

/** False when the owner is a process of this host that has ended; true when that is not known. */
export function isOwnerAlive(owner: string): boolean {
  const [host, pid] = owner.split(':');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True when this very process is the owner. */
export function isOwnProcess(owner: string): boolean {
  const [host, pid] = owner.split(':');
  return host === hostname() && pid === String(process.pid);
}
