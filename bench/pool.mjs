import { peers } from './peers.mjs';

/** The peers that run. One that is to be kept is used again for the same work, which saves starting another. */
export function makePool({ keeps }) {
  const running = new Map();
  const drop = async (target) => {
    for (const [key, value] of running) if (value === target) running.delete(key);
    await target.stop();
  };
  return {
    async start(peer, work) {
      const key = `${peer} ${JSON.stringify(work)}`;
      const target = running.get(key) ?? (await peers[peer].start(work));
      running.set(key, target);
      return target;
    },
    /** Call when a row is done with a target, or with what it is not to be measured with again. */
    release: async (target, { broken = false } = {}) => {
      if (broken || !keeps) await drop(target);
    },
    end: () => Promise.all([...running.values()].map(drop)),
  };
}
