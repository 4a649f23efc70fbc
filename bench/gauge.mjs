// Resource usage of a process, from Linux's /proc.
import { readFileSync } from 'node:fs';

/** Clock ticks of /proc in a second (USER_HZ): the same on every Linux that Node.js runs on. */
const ticks = 100;

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    throw new Error(`The process ${pid} that is measured has ended, or this is not Linux (${error.code}).`);
  }
}

/** Returns the CPU seconds of all threads of a process, user and system. */
export function cpuSeconds(pid) {
  const stat = read(pid, 'stat');
  // The name of the process is in parentheses and may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Returns the resident memory, bytes. */
export const residentBytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(read(pid, 'status'))[1]) * 1024;

/**
 * Begins to measure a target. @returns a function that ends it; `generator` is the CPU share of this process.
 */
export function gauge({ pid, isProfiled }) {
  const toggleProfile = () => {
    if (isProfiled) process.kill(pid, 'SIGWINCH');
  };
  toggleProfile();
  const time = performance.now();
  const target = cpuSeconds(pid);
  const own = process.cpuUsage();
  return () => {
    const seconds = (performance.now() - time) / 1000;
    const used = process.cpuUsage(own);
    const cpu = cpuSeconds(pid) - target;
    toggleProfile();
    return { seconds, cpu, generator: (used.user + used.system) / 1e6 / seconds };
  };
}
