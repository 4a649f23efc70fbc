import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { peers } from './peers.mjs';
import { rows } from './rows.mjs';
import { nodeReds, nodes, runtimeOf } from './runtime.mjs';

const usage = `npm run bench -- [options]
  --rows a,b     only these: ${Object.keys(rows).join(' ')}
  --peers a,b    only these: ${Object.keys(peers).join(' ')}
  --rounds n     how often each is measured, in turns (5)
  --seconds n    how long each time (4)
  --node n       the Node.js of all peers, not of the load generator: ${nodes.join(' ')}
  --node-red n   the Node-RED of the core nodes and of this package: ${nodeReds.join(' ')}. Node-RED 5.0 requires Node.js 22, and gets it
  --profile dir  also write a CPU profile of each peer in each row there, and print where the time goes
  --tiny         once, with tiny counts: shows that all works and nothing is lost, doubled or reordered
A run without --rows, --peers, --node, --node-red, --profile and --tiny writes its tables to docs/performance.md.
\`npm run test:package\` installs what --node and --node-red select.`;

/** @param get finds a runtime, as for `runtimeOf` @throws Error with the usage for invalid arguments */
export function readOptions(args, get) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const options = {
    rows: text,
    peers: text,
    rounds: text,
    seconds: text,
    node: text,
    'node-red': text,
    profile: text,
    tiny: flag,
    help: flag,
  };
  let given;
  try {
    given = parseArgs({ args, options }).values;
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`);
  }
  if (given.help) {
    console.log(usage);
    process.exit(0);
  }
  const isTiny = given.tiny ?? false;
  return {
    isTiny,
    rows: names('rows', given.rows, rows) ?? Object.keys(rows),
    peers: names('peers', given.peers, peers),
    rounds: isTiny ? 1 : number('rounds', given.rounds, 5),
    seconds: number('seconds', given.seconds, 4),
    runtime: runtimeOf({ node: choice('node', given.node, nodes), nodeRed: choice('node-red', given['node-red'], nodeReds) }, get),
    profile: given.profile && resolve(given.profile),
    writes: !isTiny && !['rows', 'peers', 'node', 'node-red', 'profile'].some((name) => given[name]),
  };
}

function names(option, text, known) {
  if (text === undefined) return undefined;
  const list = text.split(',').map((name) => name.trim());
  for (const name of list) choice(option, name, Object.keys(known));
  return list;
}

function choice(option, name, known) {
  if (name !== undefined && !known.includes(name)) throw new Error(`--${option} does not know "${name}".\n\n${usage}`);
  return name;
}

function number(option, text, usual) {
  const value = text === undefined ? usual : Number(text);
  if (!(value > 0)) throw new Error(`--${option} must be a number above 0; got "${text}".\n\n${usage}`);
  return value;
}
