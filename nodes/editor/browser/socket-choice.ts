/** The choice of a flow node's socket: a config node, or the socket that its messages select. */
import type { ProbedSide as Side } from '../../probe';
import { needsSocket } from '../../settings';
import { isEmpty, isEnv } from '../values';
import { current, inputOf } from './open-form';
import { word } from './translate';

/** Selects the only config node of the side for a node from the palette. A pasted node is not changed. */
export function added(node: EditedNode, side: Side): void {
  if (node.x !== undefined || !isEmpty(node[side])) return;
  const found: EditedNode[] = [];
  RED.nodes.eachConfig((config) => {
    const isInReach = !config.z || config.z === node.z;
    if (config.type === `ix-${side}` && isInReach && !config.d) found.push(config);
  });
  if (found.length === 1) node[side] = found[0]?.id;
}

/** Returns the validator of the reference to a config node. Node-RED's own check of a reference does not run beside a validator. */
export function validateSocket(side: Side) {
  return function (this: EditedNode, value: unknown, _opt: unknown): true | string {
    if (isUnselected(value)) return isFromMessage(this) || word(side === 'client' ? 'form.clientNeeded' : 'form.serverNeeded');
    return validateConfig(side, value);
  };
}

/** Returns the validator of a reference in a node that has a client or a server. */
export function validateEither(side: Side) {
  const other = side === 'client' ? 'server' : 'client';
  return function (this: EditedNode, value: unknown, _opt: unknown): true | string {
    const isOtherEmpty = isUnselected(current(this, other));
    if (isUnselected(value) === isOtherEmpty) return word('form.oneSocket');
    return isOtherEmpty ? validateConfig(side, value) : true;
  };
}

const isUnselected = (value: unknown) => isEmpty(value) || value === '_ADD_';

function validateConfig(side: Side, value: unknown): true | string {
  const prop = word(`form.${side}`);
  const config = RED.nodes.node(String(value)) as EditedNode | null;
  if (!config) return RED._('validator.errors.missing-config', { prop });
  return config.valid === false ? RED._('validator.errors.invalid-config', { prop }) : true;
}

function isFromMessage(node: EditedNode): boolean {
  const chosen = current(node, 'fromMessage');
  return chosen === true || chosen === 'true' || isEnv(chosen);
}

/** Hides the selection of a config node while the message names the socket. */
export function followFromMessage(node: EditedNode, row: (name: string) => JQuery): void {
  if (!needsSocket(node.type)) return;
  const choice = inputOf(node.type, node.type.startsWith('ix-client') ? 'client' : 'server');
  let before: string | undefined;
  const follow = () => {
    const isChosen = !isFromMessage(node);
    choice.closest('.form-row').toggle(isChosen);
    if (isChosen === (before === undefined)) return;
    const next = before ?? '_ADD_';
    before = isChosen ? undefined : String(choice.val() ?? '_ADD_');
    choice.val(next).trigger('change');
  };
  row('fromMessage').on('change keyup paste input', follow);
  follow();
}
