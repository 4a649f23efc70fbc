// The Node.js and the Node-RED of the measured peers: the running one and that of this checkout, unless others are selected.
import { ownNodeRed } from '../scripts/node-red.mjs';
import { finder, nodeOf, nodeRedOf, supported } from '../scripts/runtimes.mjs';

const distinct = (values) => [...new Set(values.filter(Boolean).map(String))];

/** The versions that can be selected: those that `npm run test:package` installs. */
export const nodes = distinct(supported.map(({ node }) => node));
export const nodeReds = distinct(supported.map(({ nodeRed }) => nodeRed));

/**
 * @param {{ node?: string, nodeRed?: string }} selected a Node-RED without a Node.js gets the first one that it is tested with
 * @param get returns the path of an installed file
 * @returns {{ node: string, nodeRed: string }} the program of Node.js and the script of Node-RED
 * @throws Error if one of them is not installed
 */
export function runtimeOf({ node, nodeRed }, get = finder()) {
  const tested = supported.find((each) => each.nodeRed === nodeRed);
  return {
    node: nodeOf(node ?? tested?.node, get),
    nodeRed: nodeRed ? nodeRedOf(`~${nodeRed}.0`, get) : ownNodeRed(),
  };
}
