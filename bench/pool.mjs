import { peers } from './peers.mjs';

/** The running peers, on one runtime. A kept peer is used again for the same work. */
export function makePool({ keeps, runtime }) {
  const running = new Map();
  const drop = async (target) => {
    for (const [key, value] of running) if (value === target) running.delete(key);
    await target.stop();
  };
  return {
    async start(peer, work) {
      const key = `${peer} ${JSON.stringify(work)}`;
      const target = running.get(key) ?? (await peers[peer].start(work, runtime));
      running.set(key, target);
      return target;
    },
    /** Releases a target at the end of a row. */
    release: async (target, { broken = false } = {}) => {
      if (broken || !keeps) await drop(target);
    },
    end: () => Promise.all([...running.values()].map(drop)),
  };
}
