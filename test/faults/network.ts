/** A network of two: a veth pair with one end here and the other in a network namespace. Requires Linux, root and iproute2. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { within } from '../helpers/queue';

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

const name = (what: string) => `ixf-${what}-${process.pid}`.slice(0, 15);
/** An address of the block for benchmarks (RFC 2544), which is never routed. */
const [here, there] = ['198.18.77.1', '198.18.77.2'];

export interface Network {
  /** Connects well-behaved peers from the other end. */
  peers(count: number, port: number): Promise<void>;
  /** Takes the link down at the other end. No packet and no error arrives from there. */
  cut(): void;
  remove(): void;
}

/** Returns why such a network is impossible, or `undefined`. */
export function whyNoNetwork(): string | undefined {
  try {
    makeNetwork().remove();
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    return code === 'ENOENT' ? 'it needs the ip command (Debian: apt-get install iproute2)' : String(stderr || error).trim();
  }
}

export function makeNetwork(): Network {
  const [space, near, far] = [name('n'), name('a'), name('b')];
  let child: ChildProcess | undefined;
  const remove = () => {
    child?.kill('SIGKILL');
    process.off('exit', remove);
    // The pair is removed with the namespace, once no process is in it.
    for (const args of [
      ['link', 'del', near],
      ['netns', 'del', space],
    ]) {
      try {
        ip(...args);
      } catch {
        // It does not exist.
      }
    }
  };
  process.once('exit', remove);
  try {
    ip('netns', 'add', space);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space);
    ip('address', 'add', `${here}/30`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-n', space, 'address', 'add', `${there}/30`, 'dev', far);
    ip('-n', space, 'link', 'set', far, 'up');
  } catch (error) {
    remove();
    throw error;
  }
  return {
    async peers(count, port) {
      const script = join(__dirname, 'network-peers.mjs');
      const peers = spawn('ip', ['netns', 'exec', space, process.execPath, script, `ws://${here}:${port}`, String(count)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = peers;
      const ready = new Promise<void>((resolve, reject) => {
        peers.stdout.once('data', () => resolve());
        peers.once('exit', (code) => reject(new Error(`the peers beyond the link ended with ${code}`)));
      });
      await within(ready, 'the peers beyond the link', 15_000);
    },
    cut: () => void ip('-n', space, 'link', 'set', far, 'down'),
    remove,
  };
}
