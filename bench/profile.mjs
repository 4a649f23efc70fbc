// Summarizes the CPU profile of a peer: `--profile folder`. The developer tools of a browser open the files too.
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names the profile that this process has just written. @returns the functions with the largest self time. */
export async function readProfile(folder, pid, name) {
  const find = () => readdirSync(folder).find((file) => file.startsWith(`${pid}-`));
  for (let tries = 0; tries < 100 && !find(); tries++) await sleep(50);
  const file = join(folder, `${name}.cpuprofile`);
  await sleep(500); // The file may still be incomplete.
  renameSync(join(folder, find()), file);
  return summary(JSON.parse(readFileSync(file, 'utf8')));
}

function summary({ nodes, samples, timeDeltas }, most = 20) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map();
  samples.forEach((id, index) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
  });
  times.delete('(idle)');
  times.delete('(root)');
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, time]) => `  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
    .join('\n');
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (!url) return name;
  const [, module] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  return `${name}  ${module ? `${module} ` : ''}${url.startsWith('node:') ? url : basename(url)}:${lineNumber + 1}`;
}
